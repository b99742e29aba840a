import { channelNames } from './adapters/slack/channel-names.ts';
import { directPictures } from './adapters/slack/direct.ts';
import { userGroups } from './adapters/slack/groups.ts';
import { openEmbedded } from './adapters/store/embedded.ts';
import { openPostgres } from './adapters/store/postgres.ts';
import { systemClock } from './adapters/system/clock.ts';
import type { Telemetry } from './adapters/system/telemetry.ts';
import { vegaRenderer } from './adapters/vega/renderer.ts';
import type { Config } from './config.ts';
import { readAll, tellDigest } from './digests/tell.ts';
import type { DigestsWorld } from './digests/world.ts';
import { examiner } from './doctor.ts';
import { digestsIn } from './domain/digest-subscription.ts';
import { calleeName, type Edge } from './domain/edge.ts';
import type { Gap } from './domain/gathered.ts';
import { ownerOf, type Routing, routeOf } from './domain/routing.ts';
import { dayMs } from './domain/time.ts';
import { handleDelivery } from './episodes/delivery.ts';
import { recentEvidence } from './episodes/recent.ts';
import { endSilence } from './episodes/silences.ts';
import { closeStale, fold, followAgain, refresh } from './episodes/upkeep.ts';
import type { EpisodeWorld } from './episodes/world.ts';
import { openHomes } from './gestures/homes.ts';
import { type GestureWorld, keptAnswers } from './gestures/world.ts';
import type { ChartRenderer, Job, Log, Store } from './ports.ts';
import type { Addresses, Served } from './served/one.ts';
import { clusterNamed, type Sources } from './sources.ts';
import type { Setting } from './stages/compose/setting.ts';
import type { TraceUi } from './stages/compose/trace-links.ts';

const bodiesForMs = 14 * dayMs;
const incidentsForMs = 400 * dayMs;

/** Where people open traces of a cluster. Tempo has pages in Grafana, or those of Jaeger before it (grafana/tempo, cmd/tempo-query). */
const traceUiOf = ({ clusters, links }: Config, cluster: string): TraceUi | null => {
  const traces = clusters.find(({ name }) => name === cluster)?.traces;
  if (traces == null) return null;
  const { store, ui, source, grafanaDatasource } = traces;
  if (grafanaDatasource !== null && links.grafanaUrl !== null)
    return { kind: 'grafana', url: links.grafanaUrl, datasourceUid: grafanaDatasource };
  if (store === 'tempo') return ui === null ? null : { kind: 'jaeger', url: ui };
  return { kind: store, url: ui ?? source.url };
};

/** Buttons need somebody who listens to clicks; a silence that may not be made needs none. */
const buttonsOf = ({ slack, silences }: Config): Setting['buttons'] => {
  if (slack.inbound === null) return [];
  return silences.isAllowed
    ? ['acknowledge', 'silence', 'drill', 'refresh', 'feedback']
    : ['acknowledge', 'drill', 'refresh', 'feedback'];
};

/** What composers need to know, for one edge of one cluster; `homeUrl`: as it is known when something is composed. */
export const settingsFrom =
  (config: Config) =>
  (edge: Edge | null, cluster: string, homeUrl: string | null = null): Setting => {
    const { owners } = config.routing;
    return {
      timeZone: config.timeZone,
      linkHosts: config.links.hosts,
      grafanaUrl: config.links.grafanaUrl,
      serviceDashboardUid: config.links.serviceDashboardUid,
      controlPlaneDashboardUid: null,
      kialiUrl: config.links.kialiUrl,
      traceUi: traceUiOf(config, cluster),
      owners: {
        callee: edge === null ? null : (ownerOf(owners, edge.destination.namespace, calleeName(edge))?.name ?? null),
        caller: edge === null ? null : (ownerOf(owners, edge.source.namespace, edge.source.workload)?.name ?? null),
      },
      buttons: buttonsOf(config),
      homeUrl,
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

/** Where messages go in a workspace; one of several may have a default channel of its own. */
const routingIn = ({ routing, slack }: Config, workspace: string): Routing => {
  const own = slack.installs?.workspaces.find(({ team }) => team === workspace)?.channel ?? null;
  return own === null ? routing : { ...routing, defaultChannel: own };
};

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
    readonly addressesOf: (workspace: string) => Addresses | null;
  },
): EpisodeWorld => {
  const { store, charts, sources, telemetry, log, wakeSender, addressesOf } = parts;
  const settingOf = settingsFrom(config);
  const onGaps = (gaps: readonly Gap[]): void => {
    for (const { source, reason } of gaps) telemetry.gap(source, reason);
  };
  return {
    store,
    clock: systemClock,
    log,
    charts,
    clusterOf: (name) => clusterNamed(sources, name),
    alertsOf: (name) => sources.find(({ cluster }) => cluster.name === name)?.alerts ?? null,
    settingOf: (edge, cluster, workspace) => settingOf(edge, cluster, addressesOf(workspace)?.homeUrl() ?? null),
    routeOf: (alert, edge, severity, workspace) => routeOf(routingIn(config, workspace), alert, edge, severity),
    hasPictureChannel: config.slack.pictureChannel !== null,
    wakeSender,
    recent: recentEvidence(onGaps),
    onGaps,
    linkOf: ({ workspace, channelId, rootTs }) =>
      channelId === null || rootTs === null ? null : (addressesOf(workspace)?.linkOf(channelId, rootTs) ?? null),
    channelBudget: config.slack.channelBudget,
  };
};

/** What a gesture's walk sees of the world: of its workspace, and of no other one. */
export const gestureWorld = (
  config: Config,
  world: EpisodeWorld,
  { workspace, calls, isSharedOutside }: Pick<Served, 'workspace' | 'calls' | 'isSharedOutside'>,
  { sources, fetch }: { readonly sources: readonly Sources[]; readonly fetch: typeof globalThis.fetch },
): GestureWorld => {
  return {
    ...world,
    settingOf: (edge, cluster) => world.settingOf(edge, cluster, workspace),
    ...directPictures({ calls, fetch }),
    ...userGroups(calls, systemClock),
    ...channelNames(calls),
    clusters: sources.map(({ cluster }) => cluster),
    openIncidents: async () => (await world.store.openIncidents()).filter((incident) => incident.workspace === workspace),
    examine: examiner(config, { workspace, calls }),
    objectives: {
      home: sources[0]?.cluster.name ?? '',
      slos: config.objectives.slos,
      days: world.store.sloDays,
      standings: world.store.standings,
      pastIncidents: async (sinceMs) =>
        (await world.store.incidentsSince(sinceMs)).filter((incident) => incident.workspace === workspace),
    },
    configured: (team) => digestsIn(config.objectives.digests, team),
    workspace,
    roles: config.roles,
    silenceLimits: config.silences,
    silencesOf: (name) => sources.find(({ cluster }) => cluster.name === name)?.silences ?? null,
    showsStrangers: config.slack.showsStrangers,
    isSharedOutside,
    answers: keptAnswers(),
    reading: new Map(),
    homes: openHomes(systemClock),
  };
};

/** What telling channels of their objectives sees of the world. */
export const digestsWorld = (
  config: Config,
  world: EpisodeWorld,
  sources: readonly Sources[],
  telemetry: Pick<Telemetry, 'digest'>,
): DigestsWorld => {
  const { installs, workspace } = config.slack;
  const { store } = world;
  const clusters = sources.map(({ cluster }) => cluster);
  return {
    ...world,
    clusters,
    objectives: {
      ...{ home: clusters[0]?.name ?? '', slos: config.objectives.slos },
      ...{ days: store.sloDays, standings: store.standings },
    },
    workspaces: async () => (installs === null ? [workspace] : (await store.installations.all()).map(({ teamId }) => teamId)),
    onDigest: telemetry.digest,
    configured: (team) => digestsIn(config.objectives.digests, team),
  };
};

/** What each kind of job does. */
export const jobHandler =
  (world: EpisodeWorld, digests: DigestsWorld) =>
  async (job: Job): Promise<void> => {
    if (job.kind === 'triage') return handleDelivery(world, job.deliveryId);
    if (job.kind === 'refresh') return refresh(world, job.incidentId);
    if (job.kind === 'trace') return followAgain(world, job.incidentId, job.attempt);
    if (job.kind === 'fold') return fold(world, job.incidentId);
    if (job.kind === 'silence-end') return endSilence(world, job.incidentId);
    if (job.kind === 'digest') return tellDigest(digests, job);
    if (job.kind === 'objectives') return readAll(digests);
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
