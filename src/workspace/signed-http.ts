import { createHmac, randomUUID } from 'node:crypto';
import { type Deliver, type Heard, type Kind, patienceMs } from './delivery.ts';

/** Where an app in HTTP mode listens, and the secret that its requests are signed with. */
export type HttpApp = { readonly url: string; readonly signingSecret: string };

const form = 'application/x-www-form-urlencoded';

const fieldsOf = (payload: object): Record<string, string> =>
  Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, String(value)]));

/** Commands are forms of their own, interactions a form with one field, events JSON (docs.slack.dev/apis/events-api). */
const bodyOf = (kind: Kind, payload: object): { readonly type: string; readonly body: string } => {
  if (kind === 'events_api') return { type: 'application/json', body: JSON.stringify(payload) };
  const fields = kind === 'interactive' ? { payload: JSON.stringify(payload) } : fieldsOf(payload);
  return { type: form, body: new URLSearchParams(fields).toString() };
};

const payloadOf = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

/** The signature of a request (docs.slack.dev/authentication/verifying-requests-from-slack). */
const signature = (secret: string, seconds: number, body: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex')}`;

/** Signed requests to the app. Its request URL proves itself once, before the first event goes there. */
export const signedHttp = ({ url, signingSecret }: HttpApp, nowMs: () => number): Deliver => {
  let isVerified = false;
  const post = async (kind: Kind, payload: object): Promise<Heard> => {
    const { type, body } = bodyOf(kind, payload);
    const seconds = Math.floor(nowMs() / 1000);
    const headers = {
      'content-type': type,
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      'x-slack-request-timestamp': String(seconds),
      'x-slack-signature': signature(signingSecret, seconds, body),
    };
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers,
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(patienceMs),
      });
      const text = await answer.text();
      return answer.status === 200 ? { ok: true, payload: payloadOf(text) } : { ok: false, error: 'dispatch_failed' };
    } catch (error) {
      const isLate = error instanceof Error && error.name === 'TimeoutError';
      return { ok: false, error: isLate ? 'operation_timeout' : 'dispatch_failed' };
    }
  };
  const verify = async (): Promise<boolean> => {
    const challenge = randomUUID();
    const heard = await post('events_api', { token: 'demo', challenge, type: 'url_verification' });
    const said = heard.ok ? heard.payload : null;
    return said === challenge || (said as { readonly challenge?: unknown } | null)?.challenge === challenge;
  };
  return async (kind, payload) => {
    if (kind === 'events_api') isVerified ||= await verify();
    if (kind === 'events_api' && !isVerified) return { ok: false, error: 'dispatch_failed' };
    return post(kind, payload);
  };
};
