import { istio } from '../../src/dialects/istio.ts';
import { startDue } from '../../src/digests/due.ts';
import { tellDigest } from '../../src/digests/tell.ts';
import type { DigestsWorld } from '../../src/digests/world.ts';
import { labelsOf } from '../../src/domain/alert.ts';
import type { NewDigest } from '../../src/domain/digest.ts';
import { type DigestSubscription, subscriptionKey } from '../../src/domain/digest-subscription.ts';
import { SourceError } from '../../src/domain/gathered.ts';
import { partsOf, tagOf } from '../../src/domain/promql/union.ts';
import { type Slo, windowMark } from '../../src/domain/slo.ts';
import type { Job, MetricsSource, Store } from '../../src/ports.ts';

export const sloNamed = (name: string, more: Partial<Slo> = {}): Slo => ({
  name,
  about: { kind: 'named', service: name },
  sli: { kind: 'ratio-query', errorRatio: `${name}:ratio[${windowMark}]` },
  objectivePpm: 990_000,
  window: { kind: 'rolling', days: 30 },
  ...{ cluster: null, owner: null, channel: null, origin: { format: 'Sloth', file: 'slo.yaml' } },
  ...more,
});

export const subscriptionTo = (channel: string, more: Partial<DigestSubscription> = {}): DigestSubscription => ({
  ...{ channel, channelName: null, rhythm: 'daily', weekday: 1, minuteOfDay: 540, zone: 'UTC' },
  ...{ choice: { kind: 'own' }, sinceMs: 0, by: null },
  ...more,
});

/** A source whose every window holds this share of failures; null: it is away. */
const sourceOf = (shareNow: () => number | null): MetricsSource => ({
  name: 'Prometheus',
  instant: async (promql, atMs) => {
    const share = shareNow();
    if (share === null) throw new SourceError('Prometheus', 'unreachable', 'refused the connection');
    const parts = promql.includes('__name__') ? [] : partsOf(promql);
    const value = parts.map((part) => {
      const tag = tagOf(part) ?? '';
      return { labels: labelsOf([['edgewise', tag]]), value: tag === 'seen' ? 1 : share, atMs };
    });
    return { value, warnings: [], samplesRead: null };
  },
  range: async () => ({ value: [], warnings: [], samplesRead: null }),
});

/** A night's worth of replicas: one clock, one store in memory, a source; and what the channels were told. */
export const digestsWorld = (slos: readonly Slo[], configured: readonly DigestSubscription[], startMs: number) => {
  let nowMs = startMs;
  let share: number | null = 0;
  let isAway = false;
  const told: NewDigest[] = [];
  const ends: string[] = [];
  const jobs = new Map<string, { readonly job: Job; readonly atMs: number }>();
  const asked = new Map<string, DigestSubscription>();
  const workspaces = ['T1'];
  const digests: Store['digests'] = {
    subscriptions: async (workspace) => (workspace === 'T1' ? [...asked.values()] : []),
    subscribe: async (_, subscription) => void asked.set(subscriptionKey(subscription), subscription),
    unsubscribe: async (_, key) => asked.delete(key),
    last: async (workspace, key) => told.findLast((one) => one.workspace === workspace && one.subscription === key) ?? null,
    tell: async (digest) => {
      if (told.some(({ id }) => id === digest.id)) return false;
      told.push(digest);
      return true;
    },
  };
  const later: Store['later'] = async (job, atMs) => {
    if (isAway) throw new SourceError('store', 'unreachable', 'is away');
    const key = JSON.stringify([job, atMs]);
    if (!jobs.has(key)) jobs.set(key, { job, atMs });
  };
  const world: DigestsWorld = {
    store: { digests, later, incidentsSince: async () => [] } as unknown as Store,
    clock: { nowMs: () => nowMs, sleep: async () => undefined },
    log: () => undefined,
    charts: null,
    hasPictureChannel: false,
    wakeSender: () => undefined,
    onGaps: () => undefined,
    onDigest: (result) => void ends.push(result),
    linkOf: () => null,
    clusters: [{ name: 'prod', dialect: istio, metrics: sourceOf(() => share), rules: null, deadlineMs: 2000 }],
    objectives: { home: 'prod', slos, days: { known: async () => [], keep: async () => undefined } },
    workspaces: async () => workspaces,
    configured: () => configured,
  };
  const workDue = async (): Promise<void> => {
    for (const [key, { job, atMs }] of [...jobs]) {
      if (atMs > nowMs || job.kind !== 'digest') continue;
      jobs.delete(key);
      // Two have it: one was thought dead, and was not.
      await Promise.all([tellDigest(world, job), tellDigest(world, job)]);
    }
  };
  return {
    world,
    told,
    ends,
    digests,
    workspaces,
    jobs,
    nowMs: () => nowMs,
    /** The share of failures from now on; null: the source is away. */
    fails: (next: number | null): void => {
      share = next;
    },
    storeIsAway: (away: boolean): void => {
      isAway = away;
    },
    /** Ticks of three replicas, minute by minute (or as seldom as `stepMs`), each followed by the work that is due. */
    passes: async (untilMs: number, stepMs = 60_000): Promise<void> => {
      for (; nowMs < untilMs; nowMs += stepMs) {
        await Promise.all([1, 2, 3].map(() => startDue(world)));
        await workDue();
      }
    },
    /** Nobody is there. */
    sleeps: (untilMs: number): void => {
      nowMs = untilMs;
    },
  };
};
