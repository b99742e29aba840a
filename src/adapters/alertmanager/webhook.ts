import { setTimeout as wait } from 'node:timers/promises';
import { SourceError } from '../../domain/gathered.ts';
import { type FastifyInstance, httpServer, type ListenerSettings, listen } from '../http/server.ts';
import type { DeliveryResult } from '../system/telemetry.ts';
import { type Credentials, mayEnter, refuseToStart } from './credentials.ts';
import { deliverySlots, type Slot, type Slots } from './slots.ts';
import { comeAgain, type DeliveryOptions, takeDelivery } from './take-delivery.ts';

export type WebhookOptions = ListenerSettings &
  DeliveryOptions & {
    readonly credentials: Credentials;
    /** Deliveries in hand at once before 503; Alertmanager sends an ungrouped storm all at once (1,000 alerts, 452 concurrent). */
    readonly maxInFlight: number;
    /** How long a shutdown waits for deliveries in hand before it cuts them; a cut one is sent again. Default 10 s. */
    readonly drainWithinMs?: number;
  };

type Webhook = {
  readonly start: () => Promise<{ readonly port: number }>;
  /** Answers 503 to what still comes, finishes what is in hand, closes. */
  readonly drain: () => Promise<void>;
};

const defaultBodyBytes = 16 * 1024 * 1024;

/** The slot of each request that was let in. */
type Held = WeakMap<object, Slot>;

/** Who may come in, in which form, and whether there is room, before a single byte of the body is read. */
const gate = (app: FastifyInstance, options: WebhookOptions, slots: Slots, held: Held, isStopping: () => boolean): void => {
  const mayPass = mayEnter(options.credentials);
  const count = (result: DeliveryResult): void => options.telemetry.delivery(result, options.clock.nowMs());
  app.addHook('onRequest', async (request, reply) => {
    const authorization = request.raw.headersDistinct['authorization'] ?? [];
    if (authorization.length > 1 || !mayPass(authorization[0])) {
      count('unauthorized');
      return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'unauthorized' });
    }
    // A compressed body could be small on the wire and endless in memory.
    if (request.headers['content-encoding'] !== undefined) {
      count('unsupported');
      return reply.code(415).send({ error: 'compressed bodies are not taken: send without Content-Encoding' });
    }
    const entered = isStopping() ? null : slots.enter();
    if (entered === null) {
      const { status, result, body } = isStopping()
        ? comeAgain('stopping', 'shutting down')
        : comeAgain('overload', 'too many deliveries at once');
      count(result);
      return reply.code(status).header('retry-after', '1').send(body);
    }
    held.set(request.raw, entered.slot);
    reply.raw.once('close', entered.leave);
  });
};

/** Errors of the transport, without a word of what was sent. */
const errors = (app: FastifyInstance, { telemetry, clock, log, maxBodyBytes = defaultBodyBytes }: WebhookOptions): void => {
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'no such page: POST /webhooks/alertmanager' }));
  app.setErrorHandler((error, _request, reply) => {
    const { statusCode = 500, code } = error as { readonly statusCode?: number; readonly code?: string };
    if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      telemetry.delivery('too-large', clock.nowMs());
      log('error', 'a delivery was too large and is lost: set max_alerts at the Alertmanager receiver', { maxBodyBytes });
      const expected = `at most ${maxBodyBytes} bytes: set max_alerts at the Alertmanager receiver`;
      // The rest of the body is not read, so the connection cannot be used again.
      return reply.code(413).header('connection', 'close').send({ error: 'the body is too large', expected });
    }
    const isTheirs = statusCode >= 400 && statusCode < 500;
    telemetry.delivery(isTheirs ? 'malformed' : 'failed', clock.nowMs());
    if (isTheirs) return reply.code(400).send({ error: 'the request was not understood' });
    log('error', 'a delivery failed', { error });
    return reply.code(503).header('retry-after', '1').send({ error: 'failed' });
  });
};

/** Bodies come as bytes whatever their type says: JSON is parsed by us, so that a broken one gets our 400. */
const routes = (app: FastifyInstance, options: WebhookOptions, held: Held): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/webhooks/alertmanager', async (request, reply) => {
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    options.telemetry.deliveryBytes(bytes.length);
    const slot = held.get(request.raw);
    if (slot === undefined) throw new Error('a request came past the gate');
    const { status, result, body } = await takeDelivery(bytes.toString('utf8'), slot, options);
    options.telemetry.delivery(result, options.clock.nowMs());
    return reply
      .code(status)
      .headers(status === 503 ? { 'retry-after': '1' } : {})
      .send(body);
  });
};

/** In-hand deliveries are answered first, within the time; who has not even sent its headers is cut, and comes again. */
const drained = async (app: FastifyInstance, slots: Slots, withinMs: number): Promise<void> => {
  const patience = new AbortController();
  await Promise.race([slots.idle(), wait(withinMs, null, { signal: patience.signal }).catch(() => null)]);
  patience.abort();
  app.server.closeAllConnections();
  const closed = app.close();
  const cut = setInterval(() => app.server.closeAllConnections(), 100);
  await closed.finally(() => clearInterval(cut));
};

/**
 * The webhook's own server: it takes alerts while Slack, Prometheus and everything else is down.
 * Throws `SourceError` (refused) rather than be an open door.
 */
export const webhookServer = async (options: WebhookOptions): Promise<Webhook> => {
  const door = refuseToStart(options.host, options.credentials);
  if (door !== null) throw new SourceError('the webhook', 'refused', door);
  const slots = deliverySlots(options.maxInFlight);
  let isStopping = false;
  let closing: Promise<void> | null = null;
  const app = await httpServer({ maxBodyBytes: defaultBodyBytes, ...options });
  const held: Held = new WeakMap();
  gate(app, options, slots, held, () => isStopping);
  errors(app, options);
  routes(app, options, held);
  return {
    start: async () => ({ port: await listen(app, options) }),
    drain: () => {
      isStopping = true;
      closing ??= drained(app, slots, options.drainWithinMs ?? 10_000);
      return closing;
    },
  };
};
