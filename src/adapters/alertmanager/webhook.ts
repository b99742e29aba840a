import { type Alert, type AlertGroup, labelOf, severityOf } from '../../domain/alert.ts';
import { SourceError } from '../../domain/gathered.ts';
import type { Scope } from '../../domain/incident.ts';
import type { Clock, Log, Store } from '../../ports.ts';
import { type FastifyInstance, httpServer, type ListenerSettings, listen } from '../http/server.ts';
import { type Credentials, mayEnter, openDoor } from './credentials.ts';
import { readPayload } from './payload.ts';

/** How a delivery ended, for the metrics. */
export type DeliveryResult =
  | 'accepted'
  | 'duplicate'
  | 'dead-man'
  | 'malformed'
  | 'too-large'
  | 'unauthorized'
  | 'overload'
  | 'store-failed'
  | 'stopping';

export type WebhookOptions = ListenerSettings & {
  readonly credentials: Credentials;
  /** Deliveries being stored at once before 503; Alertmanager sends ungrouped storms all at once. */
  readonly maxInFlight: number;
  readonly accept: Store['accept'];
  readonly scopeOf: (group: AlertGroup) => Scope;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly log: Log;
  readonly onResult: (result: DeliveryResult) => void;
  /** An always-firing alert was heard: the dead man's switch. */
  readonly onDeadMan: (alertName: string, cluster: string, atMs: number) => void;
};

export type Webhook = { readonly start: () => Promise<number>; readonly drain: () => Promise<void> };

const deadMen: ReadonlySet<string> = new Set(['Watchdog', 'InfoInhibitor', 'DeadMansSwitch']);

/** Alerts that prove that alerting lives, and post nothing. */
export const isDeadMan = (alert: Alert): boolean =>
  deadMen.has(labelOf(alert.labels, 'alertname') ?? '') || severityOf(alert.labels) === 'none';

type Reply = { readonly status: number; readonly body: object; readonly result: DeliveryResult };

/** Alertmanager retries 5xx within the flush, and nothing else: whatever may pass must be 503, never 429 or 408. */
const comeAgain = (result: DeliveryResult, error: string): Reply => ({ status: 503, body: { error }, result });

const takeDelivery = async (options: WebhookOptions, text: string): Promise<Reply> => {
  const read = readPayload(text);
  if (!read.ok) return { status: 400, body: { error: 'the body was refused', ...read.refusal }, result: 'malformed' };
  const { group } = read;
  const scope = options.scopeOf(group);
  const receivedAtMs = options.clock.nowMs();
  for (const alert of group.alerts.filter(isDeadMan))
    options.onDeadMan(labelOf(alert.labels, 'alertname') ?? 'unnamed', scope.cluster, receivedAtMs);
  const alerts = group.alerts.filter((alert) => !isDeadMan(alert));
  if (alerts.length === 0) return { status: 200, body: { status: 'heard' }, result: 'dead-man' };
  try {
    const result = await options.accept({ ...scope, receivedAtMs, group: { ...group, alerts } });
    return { status: 200, body: { status: result }, result };
  } catch (error) {
    options.log('error', 'a delivery could not be stored', { error });
    return comeAgain('store-failed', error instanceof SourceError ? `${error.source} ${error.message}` : 'the store failed');
  }
};

/** Text bodies only: JSON is parsed by us, so that a broken body gets our 400 and nothing pollutes a prototype. */
const routes = (app: FastifyInstance, options: WebhookOptions, state: { inFlight: number; stopping: boolean }): void => {
  const mayPass = mayEnter(options.credentials);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request, reply) => {
    const authorization = request.raw.headersDistinct.authorization ?? [];
    if (authorization.length > 1 || !mayPass(authorization[0])) {
      options.onResult('unauthorized');
      await reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'unauthorized' });
      return;
    }
    if (request.headers['content-encoding'] !== undefined)
      await reply.code(415).send({ error: 'compressed bodies are not taken' });
  });
  app.setErrorHandler(async (error, _request, reply) => {
    const { statusCode, code } = error as { statusCode?: number; code?: string };
    if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      options.onResult('too-large');
      options.log(
        'error',
        'a delivery was larger than MAX_BODY_BYTES and is lost until its next flush; set max_alerts at the receiver',
        {},
      );
      await reply.code(413).send({
        error: 'the body is larger than MAX_BODY_BYTES',
        expected: 'at most the configured size; set max_alerts at the Alertmanager receiver',
      });
      return;
    }
    await reply
      .code(statusCode !== undefined && statusCode >= 400 && statusCode < 500 ? statusCode : 503)
      .send({ error: 'the request was not understood' });
  });
  app.post('/webhooks/alertmanager', async (request, reply) => {
    const full = state.inFlight >= options.maxInFlight;
    if (state.stopping || full) {
      const refused = state.stopping
        ? comeAgain('stopping', 'shutting down')
        : comeAgain('overload', 'too many deliveries at once');
      options.onResult(refused.result);
      return reply.code(refused.status).header('retry-after', '1').send(refused.body);
    }
    state.inFlight += 1;
    try {
      const answer = await takeDelivery(options, String(request.body ?? ''));
      options.onResult(answer.result);
      return reply.code(answer.status).send(answer.body);
    } finally {
      state.inFlight -= 1;
    }
  });
};

/** The webhook's own server: it takes alerts while Slack, Prometheus and everything else is down. Refuses to be an open door. */
export const webhookServer = async (options: WebhookOptions): Promise<Webhook> => {
  const door = openDoor(options.host, options.credentials);
  if (door !== null) throw new SourceError('the webhook', 'refused', door);
  const state = { inFlight: 0, stopping: false };
  const app = await httpServer({ maxBodyBytes: 16 * 1024 * 1024, ...options });
  routes(app, options, state);
  return {
    start: () => listen(app, options),
    drain: async () => {
      state.stopping = true;
      await app.close();
    },
  };
};
