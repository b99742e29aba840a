import type { Gap, Gathered } from './domain/gathered.ts';
import type { PlannedQuery } from './domain/question.ts';
import type { EpochMs } from './domain/time.ts';
import { gather, gatherQueries, type QueryAnswer, type QueryBudget } from './gather.ts';
import { type Cluster, gapsOf } from './inquiry.ts';
import type { Sample } from './ports.ts';
import type { RecordedSlo, Rules } from './stages/budget/recorded.ts';
import { grafanaNow, grafanaReadings, planGrafanaNow, planGrafanaPeriods } from './stages/budget/recorded-grafana.ts';
import { planPyrraNow, planPyrraPeriods, pyrraNow, pyrraReadings } from './stages/budget/recorded-pyrra.ts';
import { planSlothNow, planSlothPeriods, slothNow, slothReadings } from './stages/budget/recorded-sloth.ts';

/** What rules record of objectives, and what of it nobody could read. */
type RecordedSlos = { readonly slos: readonly RecordedSlo[]; readonly gaps: readonly Gap[] };

/** Rules of both kinds; null where there is nobody to ask, or who is asked does not answer: then what weighs is not known. */
const rulesOf = async ({ rules, deadlineMs }: Cluster, signal: AbortSignal | undefined): Promise<AskedRules> => {
  if (rules === null) return { recording: null, alerting: null, gaps: [] };
  const asked = await Promise.all([
    gather('recording rules', rules.name, deadlineMs, (ask) => rules.recording(ask), signal),
    gather('alert rules', rules.name, deadlineMs, (ask) => rules.alerting(ask), signal),
  ]);
  const [recording, alerting]: readonly Rules[] = asked.map((answer) => (answer.ok ? answer.value : null));
  return { recording: recording ?? null, alerting: alerting ?? null, gaps: gapsOf(asked).slice(0, 1) };
};

type AskedRules = { readonly recording: Rules; readonly alerting: Rules; readonly gaps: readonly Gap[] };

type Told = { readonly recording: Rules; readonly alerting: Rules; readonly atMs: EpochMs; readonly source: string };

/** One tool: what it records of the moment, what is to be asked of the periods then, and what is made of both. */
type Tool<Now> = {
  readonly now: PlannedQuery;
  readonly read: (samples: readonly Sample[], told: Told) => readonly Now[];
  readonly periods: (known: readonly Now[], atMs: EpochMs) => PlannedQuery | null;
  readonly readings: (known: readonly Now[], periods: readonly Sample[], told: Told) => readonly RecordedSlo[];
};

const sloth = (atMs: EpochMs): Tool<ReturnType<typeof slothNow>[number]> => ({
  now: planSlothNow(atMs),
  read: slothNow,
  periods: planSlothPeriods,
  readings: (known, periods, { recording, ...told }) => slothReadings(known, periods, { ...told, rules: recording }),
});

const pyrra = (atMs: EpochMs): Tool<ReturnType<typeof pyrraNow>[number]> => ({
  now: planPyrraNow(atMs),
  read: (samples, { recording, alerting }) => pyrraNow(samples, recording, alerting),
  periods: planPyrraPeriods,
  readings: pyrraReadings,
});

const grafana = (atMs: EpochMs): Tool<ReturnType<typeof grafanaNow>[number]> => ({
  now: planGrafanaNow(atMs),
  read: grafanaNow,
  periods: planGrafanaPeriods,
  readings: grafanaReadings,
});

const askOne = async (cluster: Cluster, query: PlannedQuery, budget: QueryBudget): Promise<Gathered<QueryAnswer> | undefined> =>
  (await gatherQueries(cluster.metrics, [query], budget)).get(query.id);

const readTool = async <Now>(
  cluster: Cluster,
  tool: Tool<Now>,
  rules: () => Promise<AskedRules>,
  budget: QueryBudget,
  atMs: EpochMs,
): Promise<RecordedSlos> => {
  const answer = await askOne(cluster, tool.now, budget);
  if (!answer?.ok) return { slos: [], gaps: answer === undefined ? [] : [answer.gap] };
  if (answer.value.samples.length === 0) return { slos: [], gaps: [] };
  const { recording, alerting } = await rules();
  const told: Told = { recording, alerting, atMs, source: cluster.metrics.name };
  const known = tool.read(answer.value.samples, told);
  const query = tool.periods(known, atMs);
  const periods = query === null ? undefined : await askOne(cluster, query, budget);
  const gaps = periods !== undefined && !periods.ok ? [periods.gap] : [];
  // Without the slots of a period nobody knows how much of it is in its share.
  const slos = tool.readings(known, periods?.ok ? periods.value.samples : [], told).map((one) => ({
    ...one,
    reading: {
      ...one.reading,
      slo: { ...one.reading.slo, cluster: cluster.name },
      gaps: [...one.reading.gaps, ...gaps],
    },
  }));
  return { slos, gaps: [] };
};

/** The objectives that rules of Sloth, Pyrra and Grafana SLO record, in two calls for each tool that is there. Never throws. */
export const readRecorded = async (cluster: Cluster, atMs: EpochMs, signal?: AbortSignal): Promise<RecordedSlos> => {
  const budget: QueryBudget = {
    records: [],
    maxCalls: Number.POSITIVE_INFINITY,
    deadlineMs: cluster.deadlineMs,
    ...(signal === undefined ? {} : { signal }),
  };
  // They may be megabytes, and are of use only where one of the tools is.
  let asked: Promise<AskedRules> | null = null;
  const rules = (): Promise<AskedRules> => {
    asked ??= rulesOf(cluster, signal);
    return asked;
  };
  const found = await Promise.all([
    readTool(cluster, sloth(atMs), rules, budget, atMs),
    readTool(cluster, pyrra(atMs), rules, budget, atMs),
    readTool(cluster, grafana(atMs), rules, budget, atMs),
  ]);
  const ofRules = asked === null ? [] : (await rules()).gaps;
  return { slos: found.flatMap(({ slos }) => slos), gaps: [...found.flatMap(({ gaps }) => gaps), ...ofRules] };
};
