import type { Gap } from './domain/gathered.ts';
import type { SloReading } from './domain/slo/reading.ts';
import { leastCoverage } from './domain/slo/standing.ts';
import type { Slo } from './domain/slo.ts';
import type { EpochMs } from './domain/time.ts';
import { gatherQueries } from './gather.ts';
import { type Cluster, gapsOf } from './inquiry.ts';
import { readRecorded } from './read-recorded-slo.ts';
import { countSlo, type SloWorld } from './read-slo.ts';
import { planRatio, ratioReading } from './stages/budget/ratio-query.ts';
import { groupedName, type RecordedSlo, recordedReading } from './stages/budget/recorded.ts';

/** What was read of all objectives, those that nobody could read among them: their readings hold nothing but the reason. */
type SloReadings = {
  readonly readings: readonly SloReading[];
  /** Names of those of which nothing could be read. */
  readonly missing: readonly string[];
  /** Rules that were not read: there may be objectives that nobody knows of. */
  readonly gaps: readonly Gap[];
};

/** What a source that failed so often in a row says to the next one as well. */
const failuresInRow = 2;
const failures: readonly Gap['reason'][] = ['timeout', 'unreachable', 'refused', 'malformed'];

/** Series that a definition's own tool records of it, over the window that it is defined over. */
const recordedOf = (slo: Slo, recorded: readonly RecordedSlo[]): readonly RecordedSlo[] => {
  const { format } = slo.origin;
  if (format === 'Edgewise') return [];
  // Sloth makes rules of OpenSLO as well; its ids are made of the service and the name.
  const tool = format === 'OpenSLO' ? 'Sloth' : format;
  const ids = slo.about.kind === 'named' ? [slo.name, `${slo.about.service}-${slo.name}`] : [slo.name];
  const { window } = slo;
  return recorded.filter(
    ({ by, id, reading }) =>
      by === tool &&
      ids.includes(id) &&
      window.kind === 'rolling' &&
      reading.slo.window.kind === 'rolling' &&
      reading.slo.window.days === window.days,
  );
};

/** What its file says of it, and the figures that are recorded. */
const definedBy = (slo: Slo, { group, reading }: RecordedSlo): SloReading => ({
  ...reading,
  slo: { ...slo, name: groupedName(slo.name, group) },
});

type Reading = {
  readonly world: SloWorld;
  readonly cluster: Cluster;
  readonly atMs: EpochMs;
  readonly signal: AbortSignal;
};

const askRatio = async ({ cluster, atMs, signal }: Reading, slo: Slo, errorRatio: string): Promise<SloReading> => {
  const budget = { records: [], maxCalls: Number.POSITIVE_INFINITY, deadlineMs: cluster.deadlineMs, signal };
  const answers = await gatherQueries(cluster.metrics, planRatio(slo, errorRatio, atMs), budget);
  const [whole, burnt] = ['ratio-whole', 'ratio-burnt'].map((id) => {
    const answer = answers.get(id);
    return answer?.ok ? answer.value.samples : null;
  });
  const told = { atMs, source: cluster.metrics.name, gaps: gapsOf(answers.values()) };
  return ratioReading(slo, errorRatio, { whole: whole ?? null, burnt: burnt ?? null }, told);
};

const isEnough = ({ whole, coverage, gaps }: SloReading): boolean =>
  whole !== null && coverage >= leastCoverage && gaps.length === 0;

/** One objective: as recorded where that is enough to judge it by, else counted or asked; what covers more of its period of the two. */
const readOne = async (reading: Reading, slo: Slo, recorded: readonly RecordedSlo[]): Promise<readonly SloReading[]> => {
  const known = recordedOf(slo, recorded).map((one) => definedBy(slo, one));
  if (slo.sli.kind === 'recorded' || known.length > 1 || (known[0] !== undefined && isEnough(known[0]))) return known;
  const { world, cluster, atMs, signal } = reading;
  const own =
    slo.sli.kind === 'ratio-query'
      ? await askRatio(reading, slo, slo.sli.errorRatio)
      : await countSlo(world, cluster, slo, atMs, signal);
  const [first] = known;
  return [first === undefined || own.coverage > first.coverage ? own : first];
};

const unread = (slo: Slo, atMs: EpochMs, gap: Gap): SloReading =>
  recordedReading(slo, atMs, {
    whole: null,
    burnt: new Map(),
    coverage: 0,
    method: slo.sli.kind === 'ratio-query' ? { kind: 'asked', weighs: 'not-known' } : { kind: 'counted' },
    gaps: [gap],
  });

const whyOver = (source: string, patienceMs: number, row: readonly Gap[], signal: AbortSignal): Gap | null => {
  const what = 'the objective';
  const [last] = row.slice(-1);
  if (row.length >= failuresInRow && last !== undefined)
    return {
      what,
      source,
      reason: last.reason,
      detail: `was not asked: it failed for ${row.length} objectives in a row (${last.detail})`,
    };
  const detail = `was not asked: the ${Number((patienceMs / 1000).toFixed(1))} s for all objectives were over`;
  return signal.aborted ? { what, source, reason: 'timeout', detail } : null;
};

/** Objectives that are read side by side, each in up to three calls: a source takes eight at a time, and an alert may want some meanwhile. */
const atOnce = 2;

type One = { readonly slo: Slo; readonly isAsked: boolean; readonly own: readonly SloReading[] };

/** A few of them; `row` are the failures of those before. */
const readFew = (
  reading: Reading,
  few: readonly Slo[],
  recorded: readonly RecordedSlo[],
  patienceMs: number,
  row: readonly Gap[],
): Promise<readonly One[]> => {
  const over = whyOver(reading.cluster.metrics.name, patienceMs, row, reading.signal);
  return Promise.all(
    few.map(async (slo) => {
      const own = over === null ? await readOne(reading, slo, recorded) : [unread(slo, reading.atMs, over)];
      // Recorded figures came before, all at once: they say nothing of how the source is now.
      return { slo, own, isAsked: over === null && own.some(({ method }) => method.kind !== 'recorded') };
    }),
  );
};

const failedIn = ({ own }: One): Gap | undefined =>
  own.flatMap(({ gaps }) => gaps).find(({ reason }) => failures.includes(reason));

/**
 * Reads every objective of a cluster: those of `definitions`, which are about it, and those that rules record and no file defines. Two at a time, since each
 * may read a month; ends when `patienceMs` is over or the source fails for two in a row, and tells of the rest that nobody asked. Never throws.
 */
export const readSlos = async (
  world: SloWorld,
  cluster: Cluster,
  definitions: readonly Slo[],
  atMs: EpochMs,
  patienceMs: number,
): Promise<SloReadings> => {
  const signal = AbortSignal.timeout(patienceMs);
  const recorded = await readRecorded(cluster, atMs, signal);
  const read: One[] = [];
  let row: readonly Gap[] = [];
  for (let from = 0; from < definitions.length; from += atOnce) {
    const few = definitions.slice(from, from + atOnce);
    const found = await readFew({ world, cluster, atMs, signal }, few, recorded.slos, patienceMs, row);
    for (const one of found.filter(({ isAsked }) => isAsked)) {
      const failed = failedIn(one);
      row = failed === undefined ? [] : [...row, failed];
    }
    read.push(...found);
  }
  const missing = read.filter(({ own }) => own.every(({ whole, gaps }) => whole === null && gaps.length > 0));
  const defined = new Set(definitions.flatMap((slo) => [slo.name, ...recordedOf(slo, recorded.slos).map(({ id }) => id)]));
  const found = recorded.slos.filter(({ id, reading }) => !defined.has(id) && !defined.has(reading.slo.name));
  return {
    readings: [...read.flatMap(({ own }) => own), ...found.map(({ reading }) => reading)],
    missing: missing.map(({ slo }) => slo.name),
    gaps: recorded.gaps,
  };
};
