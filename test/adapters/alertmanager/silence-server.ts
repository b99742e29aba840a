import { randomUUID } from 'node:crypto';
import type { RequestListener, ServerResponse } from 'node:http';

type Kept = { readonly id: string; readonly startsAt: string; readonly endsAt: string; readonly [field: string]: unknown };

const say = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body === null ? '' : JSON.stringify(body));
};

/** What Alertmanager says of a silence that it does not take, as recorded from 0.34. */
const refusalOf = (wanted: Kept & { readonly matchers?: readonly { readonly value: string }[] }) => {
  if (!wanted.matchers?.length)
    return { status: 422, body: { code: 612, message: 'matchers in body should have at least 1 items' } };
  if (wanted.matchers.every(({ value }) => value === ''))
    return { status: 400, body: 'invalid silence: matcher set 0: at least one matcher must not match the empty string' };
  if (Date.parse(wanted.endsAt) < Date.parse(wanted.startsAt))
    return { status: 400, body: 'Failed to create silence: start time must be before end time' };
  if (Date.parse(wanted.endsAt) < Date.now())
    return { status: 400, body: "Failed to create silence: end time can't be in the past" };
  return null;
};

/**
 * The wire form of Alertmanager's silences in Mimir: under a prefix, for one tenant alone (grafana.com/docs/mimir, "Alertmanager"); of
 * matchers `isEqual` is left out, as before 0.22.
 */
export const silenceServer = ({ prefix, tenant }: { readonly prefix: string; readonly tenant: string }): RequestListener => {
  const kept = new Map<string, Kept>();
  const withState = (silence: Kept) => ({
    ...silence,
    updatedAt: silence.startsAt,
    status: { state: Date.parse(silence.endsAt) <= Date.now() ? 'expired' : 'active' },
  });
  const take = (text: string, response: ServerResponse): void => {
    const wanted = JSON.parse(text);
    const refused = refusalOf(wanted);
    if (refused !== null) {
      say(response, refused.status, refused.body);
      return;
    }
    const id = randomUUID();
    const matchers = wanted.matchers.map(({ isEqual: _, ...matcher }: { isEqual?: boolean }) => matcher);
    kept.set(id, { ...wanted, id, matchers });
    say(response, 200, { silenceID: id });
  };
  return (request, response) => {
    const path = new URL(request.url ?? '', 'http://x').pathname;
    if (request.headers['x-scope-orgid'] !== tenant) return say(response, 401, 'no org id');
    const id = path.startsWith(`${prefix}/api/v2/silence/`) ? path.split('/').at(-1) : undefined;
    if (request.method === 'DELETE' && id !== undefined) {
      const silence = kept.get(id);
      if (silence === undefined) return say(response, 404, null);
      kept.set(id, { ...silence, endsAt: new Date(Math.min(Date.now(), Date.parse(silence.endsAt))).toISOString() });
      return say(response, 200, null);
    }
    if (path !== `${prefix}/api/v2/silences`) return say(response, 404, null);
    if (request.method === 'GET') return say(response, 200, [...kept.values()].map(withState));
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => take(text, response));
  };
};
