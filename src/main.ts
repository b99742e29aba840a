import { webhookServer } from './adapters/alertmanager/webhook.ts';
import { operationsServer } from './adapters/http/operations.ts';
import type { Beside } from './adapters/http/server.ts';
import { systemClock } from './adapters/system/clock.ts';
import { everyMinute } from './adapters/system/cron.ts';
import { promTelemetry, type Telemetry } from './adapters/system/telemetry.ts';
import type { Config } from './config.ts';
import { readAtStart, startDue } from './digests/due.ts';
import type { Alert } from './domain/alert.ts';
import { workspaceOf } from './domain/routing.ts';
import { keepHomes } from './gestures/home.ts';
import type { GestureWorld } from './gestures/world.ts';
import { onGesture } from './gestures.ts';
import type { ChartRenderer, Log, Store } from './ports.ts';
import { installedWorkspaces } from './served/installed.ts';
import { soleWorkspace, type Workspaces } from './served/workspaces.ts';
import { openInbox, openTransport } from './slack.ts';
import { clusterOfAlert, openSources, type Sources } from './sources.ts';
import { digestsWorld, episodeWorld, gestureWorld, jobHandler, openCharts, openStore, readGauges } from './wiring.ts';

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

/** Which workspace an alert is for. */
const workspaceOfAlert =
  ({ slack }: Config) =>
  (alert: Pick<Alert, 'labels'>): string =>
    slack.installs === null ? slack.workspace : workspaceOf(slack.installs.workspaces, alert);

/** The webhook, last to start and first to stop: it takes nothing that could not be worked. */
const openWebhook = async (
  config: Config,
  store: Store,
  sources: readonly Sources[],
  beside: readonly Beside[],
  telemetry: Telemetry,
  log: Log,
  stops: Stops,
): Promise<number> => {
  const { listen, bearer, basic, tls, trustedProxies, maxBodyBytes } = config.webhook;
  const [clusterOf, workspaceIn] = [clusterOfAlert(config, sources), workspaceOfAlert(config)];
  const webhook = await webhookServer({
    ...listen,
    ...(tls === null ? {} : { tls }),
    beside,
    trustedProxies,
    maxBodyBytes,
    credentials: { bearer, basic },
    maxInFlight: deliveriesAtOnce,
    store,
    scopeOf: (alert) => ({ workspace: workspaceIn(alert), cluster: clusterOf(alert) }),
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
    workspaces: Pick<Workspaces, 'state'>,
    app: Pick<NonNullable<ReturnType<typeof openInbox>>, 'state'> | null,
  ) =>
  async () => {
    const [isHealthy, slack] = await Promise.all([store.healthy(), workspaces.state()]);
    return {
      isReady: isHealthy,
      parts: {
        store: isHealthy ? 'ready' : 'does not answer',
        slack,
        commands: app?.state() ?? 'off',
        pictures: charts === null ? 'off' : 'ready',
      },
    };
  };

/** What hears the people of one workspace; their Homes are kept up to date as long. */
const heardBy = (people: GestureWorld, stops: Stops): ReturnType<typeof onGesture> => {
  stops.push(keepHomes(people).stop);
  return onGesture(people);
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
  const parts = { config, transport, store, telemetry, log };
  const { installs } = config.slack;
  const workspaces = installs === null ? soleWorkspace(parts) : installedWorkspaces(installs, parts);
  const world = episodeWorld(config, {
    store,
    charts,
    sources,
    telemetry,
    log,
    wakeSender: workspaces.wake,
    addressesOf: workspaces.addressesOf,
  });
  const { fetch } = transport;
  stops.push(workspaces.stop);
  const tenants = await workspaces.start((served) => heardBy(gestureWorld(config, world, served, { sources, fetch }), stops));
  const digests = digestsWorld(config, world, sources, telemetry);
  stops.push(await store.work(jobHandler(world, digests), triagesAtOnce));
  stops.push(everyMinute('digests', () => startDue(digests), log));
  await readAtStart(digests);
  const app = openInbox(config, transport, tenants, store, log);
  if (app) stops.push(app.stop);
  const gauges = setInterval(() => void readGauges(store, telemetry, systemClock.nowMs()), gaugesEveryMs);
  stops.push(async () => clearInterval(gauges));
  const readiness = readinessOf(store, charts, workspaces, app);
  const beside = [...(app?.beside ? [app.beside] : []), ...workspaces.beside];
  const webhookPort = await openWebhook(config, store, sources, beside, telemetry, log, stops);
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
