import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openEmbedded } from '../../src/adapters/store/embedded.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { istio } from '../../src/dialects/istio.ts';
import type { Alert } from '../../src/domain/alert.ts';
import { SourceError } from '../../src/domain/gathered.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { handleDelivery } from '../../src/episodes/delivery.ts';
import { recentEvidence } from '../../src/episodes/recent.ts';
import type { EpisodeWorld } from '../../src/episodes/world.ts';
import type { Clock, Job, MetricsSource, OutboxItem, Store } from '../../src/ports.ts';
import { groupOf, scope } from '../contracts/store-values.ts';
import { call, holding } from './metrics.ts';
import { alertWith, setting } from './report.ts';

/** A clock that stands where a test puts it, an hour ahead or two, and runs on from there. */
const movableClock = () => {
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs };
  return {
    clock,
    ahead: (ms: number): void => {
      aheadMs += ms;
    },
  };
};

/** An embedded store for the tests of one file, and what is heard and told through it. */
export const episodes = (name: string) => {
  const { clock, ahead } = movableClock();
  const folder = mkdtempSync(join(tmpdir(), `edgewise-${name}-`));
  const opened: { store: Store | null } = { store: null };
  const store = (): Store => {
    if (opened.store === null) throw new Error('no store is open yet');
    return opened.store;
  };
  beforeAll(async () => {
    opened.store = await openEmbedded({ dataDir: folder, clock, log: () => undefined });
  }, 60_000);
  afterAll(async () => {
    await opened.store?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const worldOn = (metrics: MetricsSource): EpisodeWorld => ({
    store: store(),
    clock,
    log: () => undefined,
    charts: null,
    clusterOf: (cluster) => ({ name: cluster, dialect: istio, metrics, rules: null, deadlineMs: 2000 }),
    alertsOf: () => null,
    settingOf: () => setting,
    routeOf: (_, __, severity) => ({ channel: '#mesh-alerts', mention: severity === 'page' ? '<!subteam^S0123ABC>' : null }),
    hasPictureChannel: false,
    wakeSender: () => undefined,
    recent: recentEvidence(() => undefined),
    onGaps: () => undefined,
    linkOf: ({ channelId, rootTs }) =>
      channelId === null || rootTs === null ? null : `https://acme.slack.com/archives/${channelId}/p${rootTs.replace('.', '')}`,
    channelBudget: 0,
  });

  let deliveries = 0;
  /** Takes a delivery in and gives its id; nothing has been done about it yet. */
  const accept = async (alerts: readonly Alert[], cluster = scope.cluster): Promise<string> => {
    deliveries += 1;
    const group = { ...groupOf(`${name}-${deliveries}`), alerts, notificationReason: null };
    const found = Promise.withResolvers<string>();
    const stop = await store().work(async (job: Job) => {
      if (job.kind === 'triage') found.resolve(job.deliveryId);
    }, 1);
    await store().accept({ ...scope, cluster, receivedAtMs: clock.nowMs(), group });
    const id = await found.promise;
    await stop();
    return id;
  };

  let sent = 0;
  /** What waits for Slack by now, in order; it stands there afterwards. */
  const told = async (): Promise<readonly OutboxItem[]> => {
    const all: OutboxItem[] = [];
    for (;;) {
      const items = await store().outbox.claim(clock.nowMs() + 1000, 60_000, 50, scope.workspace);
      if (items.length === 0) return all;
      all.push(...items);
      for (const item of items) {
        sent += 1;
        await store().outbox.sent(item, { channelId: 'C1', ts: `1700000000.${String(sent).padStart(6, '0')}` });
      }
    }
  };

  /** One delivery, heard to its end; gives what is then told to Slack, in order. */
  const hear = async (world: EpisodeWorld, ...alerts: readonly Alert[]): Promise<readonly OutboxItem[]> => {
    await handleDelivery(world, await accept(alerts));
    return told();
  };

  /** An incident about a callee of its own, told to Slack already. */
  const incidentAbout = async (callee: string): Promise<Incident> => {
    await hear(worldOn(sickFor(callee)), alertOf('checkout', callee));
    const found = (await store().openIncidents()).find(({ title }) => title === `checkout → ${callee}`);
    if (found === undefined) throw new Error(`no incident is about ${callee}`);
    return found;
  };
  const now = async ({ id }: Incident): Promise<Incident | null> => store().incident(id);
  return { store, clock, ahead, worldOn, accept, told, hear, incidentAbout, now };
};

/** Checkout fails three of ten requests to this callee. */
export const sickFor = (callee: string): MetricsSource => holding(call('checkout', callee, { 200: 700, 503: 300 }));

/** A store that is not there. */
export const away = async (): Promise<never> => {
  throw new SourceError('store', 'unreachable', 'refused the connection');
};

const bornMs = Date.now() - 60_000;

/** An alert about one edge, whose fingerprint is its own by name, caller and callee. */
export const alertOf = (
  caller: string,
  callee: string,
  more: {
    readonly severity?: string;
    readonly status?: Alert['status'];
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly startsAtMs?: number;
  } = {},
): Alert => ({
  ...alertWith(
    {
      alertname: more.name ?? 'EdgeErrorRatioHigh',
      severity: more.severity ?? 'page',
      source_workload: caller,
      source_workload_namespace: 'shop',
      destination_service_name: callee,
      destination_service_namespace: 'shop',
      destination_workload: `${callee}-v1`,
      ...more.labels,
    },
    {},
    more.status ?? 'firing',
  ),
  fingerprint: `${more.name ?? 'EdgeErrorRatioHigh'}:${caller}:${callee}:${JSON.stringify(more.labels ?? {})}`,
  startsAtMs: more.startsAtMs ?? bornMs,
});

/** The words of what was told in one way. */
export const wordsOf = (items: readonly OutboxItem[], purpose: OutboxItem['purpose']): readonly string[] =>
  items.filter((item) => item.purpose === purpose).map(({ message }) => message.text);
