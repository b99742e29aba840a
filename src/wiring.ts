import { openEmbedded } from './adapters/store/embedded.ts';
import { openPostgres } from './adapters/store/postgres.ts';
import { systemClock } from './adapters/system/clock.ts';
import type { Telemetry } from './adapters/system/telemetry.ts';
import { vegaRenderer } from './adapters/vega/renderer.ts';
import type { Config } from './config.ts';
import { calleeName, type Edge } from './domain/edge.ts';
import type { Evidence } from './domain/evidence.ts';
import { ownerOf, routeOf } from './domain/routing.ts';
import { dayMs } from './domain/time.ts';
import { handleDelivery } from './episodes/delivery.ts';
import { recentEvidence } from './episodes/recent.ts';
import { closeStale, fold, refresh } from './episodes/upkeep.ts';
import type { EpisodeWorld } from './episodes/world.ts';
import type { ChartRenderer, Job, Log, Store } from './ports.ts';
import { clusterNamed, type Sources } from './sources.ts';
import type { Setting } from './stages/compose/setting.ts';

const bodiesForMs = 14 * dayMs;
const incidentsForMs = 400 * dayMs;

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

/** The embedded store, or PostgreSQL where DATABASE_URL is set. `onLost` hears when only a new process can go on. */
export const openStore = (config: Config, log: Log, onLost: (error: Error) => void): Promise<Store> =>
  config.database === null
    ? openEmbedded({ dataDir: config.dataDir, clock: systemClock, log, onLost })
    : openPostgres({
        url: config.database.url,
        ...(config.database.caFile === null ? {} : { caFile: config.database.caFile }),
        clock: systemClock,
        log,
      });

/** What a delivery's walk sees of the world. */
export const episodeWorld = (
  config: Config,
  parts: {
    readonly store: Store;
    readonly charts: ChartRenderer | null;
    readonly sources: readonly Sources[];
    readonly telemetry: Telemetry;
    readonly log: Log;
    readonly wakeSender: () => void;
  },
): EpisodeWorld => {
  const { store, charts, sources, telemetry, log, wakeSender } = parts;
  const onEvidence = ({ gaps }: Evidence): void => {
    for (const { source, reason } of gaps) telemetry.gap(source, reason);
  };
  return {
    store,
    clock: systemClock,
    log,
    charts,
    clusterOf: (name) => clusterNamed(sources, name),
    alertsOf: (name) => sources.find(({ cluster }) => cluster.name === name)?.alerts ?? null,
    settingOf: settingsFrom(config),
    routeOf: (alert, edge, severity) => routeOf(config.routing, alert, edge, severity),
    hasPictureChannel: config.slack.pictureChannel !== null,
    wakeSender,
    measured: recentEvidence(onEvidence),
    onEvidence,
  };
};

/** What each kind of job does. */
export const jobHandler =
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

/** How much waits, for /metrics. */
export const readGauges = async (store: Store, telemetry: Telemetry, nowMs: number): Promise<void> => {
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
