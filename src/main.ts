import { webhookServer } from './adapters/alertmanager/webhook.ts';
import { operationsServer } from './adapters/http/operations.ts';
import { slackApp } from './adapters/slack/app.ts';
import { slackCalls } from './adapters/slack/calls.ts';
import { slackSender } from './adapters/slack/sender.ts';
import { slackWeb } from './adapters/slack/web.ts';
import { openEmbedded } from './adapters/store/embedded.ts';
import { openPostgres } from './adapters/store/postgres.ts';
import { systemClock } from './adapters/system/clock.ts';
import { promTelemetry, type SlackResult } from './adapters/system/telemetry.ts';
import { vegaRenderer } from './adapters/vega/renderer.ts';
import { ask } from './ask.ts';
import type { Config } from './config.ts';
import { type AlertGroup, labelOf } from './domain/alert.ts';
import { calleeName, type Edge } from './domain/edge.ts';
import { ownerOf, routeOf } from './domain/routing.ts';
import { dayMs } from './domain/time.ts';
import { closeStale, type EpisodeWorld, fold, handleDelivery, refresh } from './episodes.ts';
import type { ChartRenderer, Job, Log, Store } from './ports.ts';
import { openSources, type Sources } from './sources.ts';
import type { Setting } from './stages/compose/setting.ts';

const bodiesForMs = 14 * dayMs;
const incidentsForMs = 400 * dayMs;
const gaugesEveryMs = 5000;

/** What composers need to know, for one edge of one cluster. */
export const settingsFrom =
  (config: Config) =>
  (edge: Edge | null, _cluster: string): Setting => {
    const { owners } = config.routing;
    return {
      timeZone: config.timeZone,
      linkHosts: config.links.hosts,
      grafanaUrl: config.links.grafanaUrl,
      serviceDashboardUid: config.links.serviceDashboardUid,
      controlPlaneDashboardUid: null,
      kialiUrl: config.links.kialiUrl,
      owners: {
        callee: edge === null ? null : (ownerOf(owners, edge.destination.namespace, calleeName(edge))?.name ?? null),
        caller: edge === null ? null : (ownerOf(owners, edge.source.namespace, edge.source.workload)?.name ?? null),
      },
    };
  };

/** The chart renderer, or null with the reason in the log: text must go on without pictures. */
export const openCharts = async (
  config: Config,
  environment: Record<string, string | undefined>,
  log: Log,
): Promise<ChartRenderer | null> => {
  if (!config.hasPictures) return null;
  try {
    return await vegaRenderer({ environment, deadlineMs: 8000 });
  } catch (error) {
    log('error', 'pictures are off', { error });
    return null;
  }
};

const openStore = (config: Config, log: Log): Promise<Store> =>
  config.database === null
    ? openEmbedded({ dataDir: config.dataDir, clock: systemClock, log })
    : openPostgres({
        url: config.database.url,
        ...(config.database.caFile === null ? {} : { caFile: config.database.caFile }),
        clock: systemClock,
        log,
      });

/** The cluster a delivery is about: by its label, else the first configured. */
const clusterOfGroup =
  (config: Config, sources: readonly Sources[]) =>
  (group: AlertGroup): string => {
    const [first] = sources;
    const named = [group.commonLabels, group.groupLabels, ...group.alerts.map(({ labels }) => labels)]
      .map((labels) => labelOf(labels, config.clusterLabel))
      .find((name) => name !== null);
    return (sources.find(({ match }) => match === named) ?? first)?.cluster.name ?? 'default';
  };

const slackResults: Readonly<Record<string, SlackResult>> = {
  ok: 'ok',
  'rate-limited': 'limited',
  'locked-out': 'refused',
  unknown: 'timeout',
};

const canReadHistory = async (calls: ReturnType<typeof slackCalls>, log: Log): Promise<boolean> => {
  try {
    await calls.call('conversations.list', { limit: 1 });
    await calls.call('auth.test', {});
    return true;
  } catch (error) {
    log('warn', 'Slack could not be asked at start; posting goes on, at least once', { error });
    return true;
  }
};

const jobHandler =
  (world: EpisodeWorld) =>
  async (job: Job): Promise<void> => {
    if (job.kind === 'triage') return handleDelivery(world, job.deliveryId);
    if (job.kind === 'refresh') return refresh(world, job.incidentId);
    if (job.kind === 'fold') return fold(world, job.incidentId);
    if (job.kind === 'staleness') return closeStale(world);
    return world.store.retain({
      bodiesBeforeMs: world.clock.nowMs() - bodiesForMs,
      incidentsBeforeMs: world.clock.nowMs() - incidentsForMs,
    });
  };

export type Running = { readonly webhookPort: number; readonly operationsPort: number; readonly stop: () => Promise<void> };

/** Starts everything in order, and gives back what stops it in reverse. Throws `SourceError` in plain words when it may not start. */
export const serve = async (config: Config, environment: Record<string, string | undefined>, log: Log): Promise<Running> => {
  const telemetry = promTelemetry();
  const clock = systemClock;
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse())
      await end().catch((error: unknown) => log('warn', 'a part did not stop cleanly', { error }));
  };
  try {
    const store = await openStore(config, log);
    stops.push(store.close);
    const charts = await openCharts(config, environment, log);
    if (charts) stops.push(charts.close);
    const sources = openSources(config, {
      clock,
      onQuery: (source, samples, seconds, isOk) => telemetry.promqlCall(source, samples, seconds, isOk ? 'ok' : 'failed'),
    });
    for (const source of sources) stops.push(source.close);

    const calls = slackCalls(slackWeb({ token: config.slack.botToken, apiUrl: config.slack.apiUrl }), clock, {
      onCall: (method, result) => telemetry.slackCall(method, slackResults[result] ?? 'failed'),
      onWait: telemetry.slackWait,
    });
    const sender = slackSender({
      outbox: store.outbox,
      calls,
      fetch,
      clock,
      log,
      pictureChannel: config.slack.pictureChannel,
      defaultChannel: config.slack.channel,
      canReadHistory: await canReadHistory(calls, log),
      onSent: ({ purpose, createdAtMs }) => {
        if (purpose === 'root') telemetry.told('text', (clock.nowMs() - createdAtMs) / 1000);
        if (purpose === 'picture') telemetry.told('picture', (clock.nowMs() - createdAtMs) / 1000);
      },
    });
    sender.start();
    stops.push(sender.stop);

    const clusterNamed = (name: string) => sources.find(({ cluster }) => cluster.name === name) ?? sources[0];
    const settingOf = settingsFrom(config);
    const world: EpisodeWorld = {
      store,
      clock,
      log,
      charts,
      clusterOf: (name) => {
        const found = clusterNamed(name);
        if (!found) throw new Error('no cluster is configured');
        return found.cluster;
      },
      alertsOf: (name) => clusterNamed(name)?.alerts ?? null,
      settingOf,
      routeOf: (alert, edge, severity) => routeOf(config.routing, alert, edge, severity),
      hasPictureChannel: config.slack.pictureChannel !== null,
      wakeSender: sender.wake,
      onEvidence: ({ gaps }) => {
        for (const { source, reason } of gaps) telemetry.gap(source, reason);
      },
    };
    stops.push(await store.work(jobHandler(world), 4));

    const { appToken } = config.slack;
    const app =
      appToken === null
        ? null
        : slackApp({
            botToken: config.slack.botToken,
            appToken,
            apiUrl: config.slack.apiUrl,
            log,
            onCommand: async ({ text }) =>
              (await ask({ clusters: sources.map(({ cluster }) => cluster), clock, charts, settingOf }, text)).message,
          });
    if (app) {
      app.start().catch((error: unknown) => log('error', 'slash commands are not connected', { error }));
      stops.push(app.stop);
    }

    const gauges = setInterval(() => void readGauges(store, telemetry, clock.nowMs()), gaugesEveryMs);
    gauges.unref();
    stops.push(async () => clearInterval(gauges));

    const { listen, bearer, basic, tls, trustedProxies, maxBodyBytes } = config.webhook;
    const clusterName = clusterOfGroup(config, sources);
    const webhook = await webhookServer({
      ...listen,
      ...(tls === null ? {} : { tls }),
      trustedProxies,
      maxBodyBytes,
      credentials: { bearer, basic },
      maxInFlight: 2000,
      store,
      scopeOf: (group) => ({ workspace: config.slack.workspace, cluster: clusterName(group) }),
      clock,
      telemetry,
      log,
    });
    const { port: webhookPort } = await webhook.start();
    stops.push(webhook.drain);

    const readiness = async () => {
      const isHealthy = await store.healthy();
      const slack = sender.state();
      return {
        isReady: isHealthy,
        parts: {
          store: isHealthy ? 'ready' : 'does not answer',
          slack: slack.kind === 'sending' ? 'sending' : `locked out (${slack.why})`,
          commands: app?.state() ?? 'off',
          pictures: charts === null ? 'off' : 'ready',
        },
      };
    };
    const operations = await operationsServer({
      ...config.operations,
      readiness,
      onReadiness: telemetry.ready,
      metrics: telemetry,
    });
    const { port: operationsPort } = await operations.start();
    stops.push(operations.stop);
    log('info', 'Edgewise is ready', { webhookPort, operationsPort, clusters: sources.map(({ cluster }) => cluster.name) });
    return { webhookPort, operationsPort, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const readGauges = async (store: Store, telemetry: ReturnType<typeof promTelemetry>, nowMs: number): Promise<void> => {
  const age = (oldestMs: number | null): number => (oldestMs === null ? 0 : Math.max(0, (nowMs - oldestMs) / 1000));
  try {
    const [queue, outbox, incidents] = await Promise.all([store.queue(), store.outbox.waiting(), store.openIncidents()]);
    telemetry.queue({ count: queue.count, oldestSeconds: age(queue.oldestMs) });
    telemetry.outbox({ count: outbox.count, oldestSeconds: age(outbox.oldestMs) });
    telemetry.openIncidents(incidents.length);
  } catch {
    // The store's absence is told by /readyz; the gauges keep their last value.
  }
};
