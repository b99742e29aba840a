import { webhookServer } from './adapters/alertmanager/webhook.ts';
import { operationsServer } from './adapters/http/operations.ts';
import type { Beside } from './adapters/http/server.ts';
import { systemClock } from './adapters/system/clock.ts';
import { promTelemetry, type Telemetry } from './adapters/system/telemetry.ts';
import type { Config } from './config.ts';
import { onGesture } from './gestures.ts';
import type { ChartRenderer, Log, Store } from './ports.ts';
import { openCalls, openInbox, openSender, openTransport, sharedOutside } from './slack.ts';
import { clusterOfAlert, openSources, type Sources } from './sources.ts';
import { episodeWorld, gestureWorld, jobHandler, openCharts, openStore, readGauges } from './wiring.ts';

const gaugesEveryMs = 5000;
const triagesAtOnce = 4;
const deliveriesAtOnce = 2000;

type Running = {
  readonly webhookPort: number;
  readonly operationsPort: number;
  /** Resolves when only a new process can go on. */
  readonly lost: Promise<Error>;
  readonly stop: () => Promise<void>;
};

type Stops = (() => Promise<void>)[];

const closedAtEnd = <T extends { readonly close: () => Promise<void> }>(opened: T, stops: Stops): T => {
  stops.push(opened.close);
  return opened;
};

/** The webhook, last to start and first to stop: it takes nothing that could not be worked. */
const openWebhook = async (
  config: Config,
  store: Store,
  sources: readonly Sources[],
  beside: Beside | null,
  telemetry: Telemetry,
  log: Log,
  stops: Stops,
): Promise<number> => {
  const { listen, bearer, basic, tls, trustedProxies, maxBodyBytes } = config.webhook;
  const clusterOf = clusterOfAlert(config, sources);
  const webhook = await webhookServer({
    ...listen,
    ...(tls === null ? {} : { tls }),
    ...(beside === null ? {} : { beside }),
    trustedProxies,
    maxBodyBytes,
    credentials: { bearer, basic },
    maxInFlight: deliveriesAtOnce,
    store,
    scopeOf: (alert) => ({ workspace: config.slack.workspace, cluster: clusterOf(alert) }),
    clock: systemClock,
    telemetry,
    log,
  });
  const { port } = await webhook.start();
  stops.push(webhook.drain);
  return port;
};

/** What /readyz says: ready is who can keep what it is sent, whatever else is away. */
const readinessOf =
  (
    store: Store,
    charts: ChartRenderer | null,
    sender: Pick<ReturnType<typeof openSender>, 'state'>,
    app: Pick<NonNullable<ReturnType<typeof openInbox>>, 'state'> | null,
  ) =>
  async () => {
    const isHealthy = await store.healthy();
    const slack = sender.state();
    return {
      isReady: isHealthy,
      parts: {
        store: isHealthy ? 'ready' : 'does not answer',
        slack: slack.kind === 'sending' ? 'sending' : `${slack.kind} (${slack.why})`,
        commands: app?.state() ?? 'off',
        pictures: charts === null ? 'off' : 'ready',
      },
    };
  };

const start = async (
  config: Config,
  environment: Record<string, string | undefined>,
  log: Log,
  stops: Stops,
): Promise<Omit<Running, 'stop'>> => {
  const lost = Promise.withResolvers<Error>();
  const telemetry = promTelemetry();
  // The two slow ones side by side; whichever opened is closed again when the other may not, so that one is waited for too.
  const slow = [
    openStore(config, log, lost.resolve).then((opened) => closedAtEnd(opened, stops)),
    openCharts(config, environment, log).then((opened) => opened && closedAtEnd(opened, stops)),
  ] as const;
  await Promise.allSettled(slow);
  const [store, charts] = await Promise.all(slow);
  const sources = openSources(config, {
    clock: systemClock,
    onQuery: (source, samples, seconds, isOk) => telemetry.promqlCall(source, samples, seconds, isOk ? 'ok' : 'failed'),
    onTraceQuestion: (source, seconds, isOk) => telemetry.traceQuestion(source, seconds, isOk ? 'ok' : 'failed'),
  });
  for (const source of sources) stops.push(source.close);
  const transport = openTransport(config);
  stops.push(() => transport.dispatcher.close());
  const calls = openCalls(config, transport, telemetry);
  const sender = openSender(config, transport, calls, store, telemetry, log);
  sender.start();
  stops.push(sender.stop);
  const world = episodeWorld(config, { store, charts, sources, telemetry, log, wakeSender: sender.wake, linkOf: sender.linkOf });
  stops.push(await store.work(jobHandler(world), triagesAtOnce));
  const { fetch } = transport;
  const people = gestureWorld(config, world, {
    sources,
    calls,
    fetch,
    isSharedOutside: sharedOutside(config, calls),
  });
  const app = openInbox(config, transport, calls, onGesture(people), log);
  if (app) stops.push(app.stop);
  const gauges = setInterval(() => void readGauges(store, telemetry, systemClock.nowMs()), gaugesEveryMs);
  stops.push(async () => clearInterval(gauges));
  const readiness = readinessOf(store, charts, sender, app);
  const webhookPort = await openWebhook(config, store, sources, app?.beside ?? null, telemetry, log, stops);
  const operations = await operationsServer({
    ...config.operations,
    readiness,
    onReadiness: telemetry.ready,
    metrics: telemetry,
  });
  const { port: operationsPort } = await operations.start();
  stops.push(operations.stop);
  log('info', 'Edgewise is ready', { webhookPort, operationsPort, clusters: sources.map(({ cluster }) => cluster.name) });
  return { webhookPort, operationsPort, lost: lost.promise };
};

/** Starts everything in order, and gives back what stops it in reverse. Throws `SourceError` in plain words when it may not start. */
export const serve = async (config: Config, environment: Record<string, string | undefined>, log: Log): Promise<Running> => {
  const stops: Stops = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse())
      await end().catch((error: unknown) => log('warn', 'a part did not stop cleanly', { error }));
  };
  try {
    return { ...(await start(config, environment, log, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
