import type { Gap } from './domain/gathered.ts';
import { knownStanding } from './domain/slo/known.ts';
import type { SloReading } from './domain/slo/reading.ts';
import { type PastIncident, spendersOf } from './domain/slo/spenders.ts';
import { standingOf } from './domain/slo/standing.ts';
import type { Slo } from './domain/slo.ts';
import type { EpochMs } from './domain/time.ts';
import { gather } from './gather.ts';
import type { Cluster } from './inquiry.ts';
import type { SloDays, SloStandings } from './ports.ts';
import { readSlos } from './read-slos.ts';
import type { SloAnswer } from './stages/compose/slo-answer.ts';

/** What reading objectives needs of the world. */
export type ObjectiveWorld = {
  /** The cluster of objectives that name none: the only or first one. */
  readonly home: string;
  readonly slos: readonly Slo[];
  readonly days: SloDays;
  /** Where what is read is kept for those who cannot wait for it; absent: nowhere. */
  readonly standings?: SloStandings;
  /** Incidents that were open since then; absent where nobody keeps them. */
  readonly pastIncidents?: (sinceMs: EpochMs) => Promise<readonly PastIncident[]>;
};

const storeMs = 5000;

/** Incidents that fell into the windows; none where nobody keeps them, or the store does not say. */
const incidentsIn = async ({ pastIncidents }: ObjectiveWorld, sinceMs: EpochMs): Promise<readonly PastIncident[]> => {
  if (pastIncidents === undefined) return [];
  const found = await gather('incidents of the window', 'the store', storeMs, () => pastIncidents(sinceMs));
  return found.ok ? found.value : [];
};

/** Keeps how they stand; that it cannot be kept is no harm to who asked. */
const keep = async ({ standings, home }: ObjectiveWorld, answers: readonly SloAnswer[]): Promise<void> => {
  if (standings === undefined) return;
  const known = answers.map(({ reading, standing }) => knownStanding(reading, standing, reading.slo.cluster ?? home));
  const clusters = new Set(known.map(({ cluster }) => cluster));
  const kept = [...clusters].map((name) =>
    standings.keep(
      name,
      known.filter(({ cluster }) => cluster === name),
    ),
  );
  await gather('how objectives stand', 'the store', storeMs, () => Promise.all(kept));
};

/** `gaps`: what rules record that nobody could read, so that there may be objectives that nobody knows of. */
type ReadObjectives = { readonly answers: readonly SloAnswer[]; readonly gaps: readonly Gap[] };

/** How these objectives stand, and those that rules record and no file defines: read side by side in their clusters, each within `patienceMs`. */
export const readAllObjectives = async (
  world: ObjectiveWorld,
  clusters: readonly Cluster[],
  slos: readonly Slo[],
  atMs: EpochMs,
  patienceMs: number,
): Promise<ReadObjectives> => {
  const definedFor = ({ name }: Cluster): readonly Slo[] => slos.filter(({ cluster }) => (cluster ?? world.home) === name);
  const found = await Promise.all(clusters.map((cluster) => readSlos(world, cluster, definedFor(cluster), atMs, patienceMs)));
  const readings: readonly SloReading[] = found.flatMap((one) => one.readings);
  const sinceMs = Math.min(...readings.map(({ period }) => period.startMs));
  const incidents = readings.length === 0 ? [] : await incidentsIn(world, sinceMs);
  const answers = readings.map((reading) => ({
    reading,
    standing: standingOf(reading),
    spenders: spendersOf(reading, incidents),
  }));
  await keep(world, answers);
  return { answers, gaps: found.flatMap(({ gaps }) => gaps) };
};

/** The same, where what nobody knows of is of no use. */
export const readObjectives = async (...asked: Parameters<typeof readAllObjectives>): Promise<readonly SloAnswer[]> =>
  (await readAllObjectives(...asked)).answers;
