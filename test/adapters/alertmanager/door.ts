import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { type WebhookOptions, webhookServer } from '../../../src/adapters/alertmanager/webhook.ts';
import type { DeliveryResult } from '../../../src/adapters/system/telemetry.ts';
import type { NewDelivery } from '../../../src/ports.ts';

/** What the server told its metrics, its log and its store. */
type Heard = {
  readonly results: DeliveryResult[];
  readonly deadMen: string[];
  readonly lines: string[];
  readonly deliveries: NewDelivery[];
  bytes: number;
};

export const token = 'a-token-of-at-least-sixteen-bytes';

/** A webhook server on loopback with a store in memory, and what it told. */
export const openWebhook = async (changes: Partial<WebhookOptions> = {}) => {
  const heard: Heard = { results: [], deadMen: [], lines: [], deliveries: [], bytes: 0 };
  const webhook = await webhookServer({
    host: '127.0.0.1',
    port: 0,
    credentials: { bearer: [token], basic: [] },
    maxInFlight: 100,
    store: {
      accept: async (delivery) => {
        heard.deliveries.push(delivery);
        return 'accepted';
      },
    },
    scopeOf: ({ labels }) => ({ workspace: 'T1', cluster: labels['cluster'] ?? 'default' }),
    clock: { nowMs: () => 1_000_000 },
    telemetry: {
      delivery: (result) => heard.results.push(result),
      deliveryBytes: (bytes) => {
        heard.bytes += bytes;
      },
      deadMan: (name, cluster, atMs) => heard.deadMen.push(`${name} ${cluster} ${atMs}`),
    },
    log: (level, event, fields) => heard.lines.push(`${level} ${event} ${JSON.stringify(fields)}`),
    ...changes,
  });
  const { port } = await webhook.start();
  return { heard, port, drain: webhook.drain, url: `http://127.0.0.1:${port}/webhooks/alertmanager` };
};

type Answer = { readonly status: number; readonly headers: IncomingMessage['headers']; readonly text: string };

/** Begins a request whose body is written by the caller. A header that is undefined is not sent. */
export const beginPost = (port: number, changes: OutgoingHttpHeaders = {}): ClientRequest => {
  const all = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...changes };
  const headers = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return request({ host: '127.0.0.1', port, method: 'POST', path: '/webhooks/alertmanager', headers });
};

/** The answer of a request that was begun. */
export const answerOf = async (begun: ClientRequest): Promise<Answer> => {
  const [message] = (await once(begun, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of message) text += chunk;
  return { status: message.statusCode ?? 0, headers: message.headers, text };
};

/** Sends a body and waits for the answer. */
export const post = (port: number, body: unknown, headers: OutgoingHttpHeaders = {}): Promise<Answer> => {
  const begun = beginPost(port, headers);
  const answer = answerOf(begun);
  begun.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  return answer;
};
