import { setTimeout as wait } from 'node:timers/promises';
import { type Call, calls } from '../src/demo/mesh/topology.ts';
import { startWorkspace, type Workspace } from '../src/workspace/workspace.ts';
import { delivery } from './support/alerts.ts';
import { delayed } from './support/delay.ts';
import type { Lab } from './support/lab.ts';
import { type Served, serve } from './support/serve.ts';
import { median, type Program, table } from './support/table.ts';

const prometheusMs = 100;
const channel = '#mesh-alerts';
const pictureWithinMs = 30_000;
const openIncidents = 3;
const aims = { textMs: 3000, promql: 14 } as const;

/** What everything is compared with: the plainest table there is. */
const plainest = 'stat';

/** Every command that asks, and whether its answer has a picture. Those that act on incidents ask nothing of the mesh. */
const commands: readonly (readonly [words: string, hasPicture?: true])[] = [
  ['help'],
  [plainest],
  ['stat payments'],
  ['top'],
  ['flags'],
  ['edges'],
  ['routes payments'],
  ['versions payments'],
  ['pods payments'],
  ['diff payments now..-1h'],
  ['graph payments', true],
  ['why checkout → payments', true],
  ['why payments', true],
  ['trace worst checkout → payments', true],
  ['doctor'],
];

/** Asked last: what is open is looked at again after two minutes, by questions that are nobody's answer. */
const ofIncidents = 'incidents';

/** Calls are questions in PromQL; of what the doctor asks besides, nothing is counted here. */
type Meter = { promql: number; samples: number };
type Seen = { readonly textMs: number; readonly pictureMs: number | null; readonly promql: number; readonly samples: number };
type Stage = { readonly workspace: Workspace; readonly served: Served; readonly meter: Meter };

const isPromql = (path: string): boolean => /\/api\/v1\/query(_range)?$/.test(path);

/** `stats=all` makes Prometheus tell what it read. */
const samplesIn = (text: string): number =>
  [...text.matchAll(/"totalQueryableSamples":(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);

/** One question, from Enter until its answer stands; and until whoever asked is told of the picture. */
const ask = async ({ workspace, meter }: Stage, words: string, hasPicture: boolean): Promise<Seen> => {
  const before = { ...meter, told: workspace.ephemerals().length };
  const startedMs = performance.now();
  const { text } = await workspace.command(`/mesh ${words}`, channel);
  const textMs = performance.now() - startedMs;
  if (text === '' || /failed with the error|something went wrong/i.test(text)) throw new Error(`/mesh ${words}: ${text}`);
  const isShown = hasPicture
    ? await workspace.until(() => workspace.ephemerals().length >= before.told + 2, pictureWithinMs)
    : false;
  const pictureMs = performance.now() - startedMs;
  if (hasPicture && !isShown) throw new Error(`/mesh ${words}: no picture within ${pictureWithinMs / 1000} s`);
  return {
    textMs,
    pictureMs: hasPicture ? pictureMs : null,
    promql: meter.promql - before.promql,
    samples: meter.samples - before.samples,
  };
};

/** Some incidents are open when they are asked for, and told with their pictures. */
const openSome = async ({ workspace, served }: Stage, some: readonly Call[]): Promise<void> => {
  for (const call of some) {
    const status = await served.deliver(delivery(call, 'edge', Date.now() - 15_000));
    if (status !== 200) throw new Error(`a delivery was answered with ${status}`);
  }
  const pictures = (): number => workspace.messages(channel).filter(({ files }) => files.length > 0).length;
  if (!(await workspace.until(() => pictures() >= some.length, 90_000))) throw new Error('the incidents were not told in time');
};

const withStage = async <T>(lab: Lab, work: (stage: Stage) => Promise<T>): Promise<T> => {
  const meter: Meter = { promql: 0, samples: 0 };
  const workspace = await startWorkspace({ channels: [channel] });
  const prometheus = await delayed(lab.url, prometheusMs, (path, text) => {
    if (!isPromql(path)) return;
    meter.promql += 1;
    meter.samples += samplesIn(text);
  });
  const served = await serve({
    PROMETHEUS_URL: prometheus.url,
    TRACES_URL: lab.tracesUrl,
    TRACES_STORE: 'zipkin',
    // Straight: answers go to the address that a command brings, which no proxy stands before.
    SLACK_API_URL: workspace.apiUrl,
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
  });
  try {
    return await work({ workspace, served, meter });
  } finally {
    await served.stop();
    await Promise.all([prometheus.close(), workspace.close()]);
  }
};

type Row = { readonly words: string; readonly seen: readonly Seen[] };

const rowsOf = async (stage: Stage, runs: number, say: (text: string) => void): Promise<readonly Row[]> => {
  const rows = new Map<string, readonly Seen[]>();
  const once = async (words: string, hasPicture: boolean): Promise<void> => {
    rows.set(words, [...(rows.get(words) ?? []), await ask(stage, words, hasPicture)]);
  };
  // All once, then all again: what else the machine does meets each of them.
  for (let run = 1; run <= runs; run += 1) {
    for (const [words, hasPicture = false] of commands) await once(words, hasPicture);
    say(`answers: ${run} of ${runs}`);
  }
  await openSome(stage, calls.slice(0, openIncidents));
  for (let run = 1; run <= runs; run += 1) await once(ofIncidents, false);
  return [...rows].map(([words, seen]) => ({ words, seen }));
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const spread = (values: readonly number[]): string =>
  values.length === 0 ? '–' : [Math.min(...values), median(values), Math.max(...values)].map(seconds).join(' / ');

const texts = ({ seen }: Row): readonly number[] => seen.map(({ textMs }) => textMs);
const mostOf = (values: readonly number[]): number => Math.max(...values);

const cellsOf = (row: Row, plainMs: number): readonly string[] => [
  `/mesh ${row.words}`,
  spread(texts(row)),
  `${(median(texts(row)) / plainMs).toFixed(1)} ×`,
  spread(row.seen.flatMap(({ pictureMs }) => pictureMs ?? [])),
  String(mostOf(row.seen.map(({ promql }) => promql))),
  String(mostOf(row.seen.map(({ samples }) => samples))),
];

export const answers: Program = {
  name: 'answers',
  says: `/mesh …, from Enter until the answer stands; every Prometheus call ${prometheusMs} ms late`,
  run: async ({ lab, number, say }) => {
    const opened = await lab();
    // Two minutes of incident, as an alert with a `for` would have.
    await wait(Math.max(0, opened.brokenAtMs + 120_000 - Date.now()));
    const runs = number('runs', 5);
    const rows = await withStage(opened, (stage) => rowsOf(stage, runs, say));
    const plainMs = median(rows.filter(({ words }) => words === plainest).flatMap(texts));
    const [slowest] = [...rows].sort((a, b) => median(texts(b)) - median(texts(a)));
    const [dearest] = [...rows].sort(
      (a, b) => mostOf(b.seen.map(({ promql }) => promql)) - mostOf(a.seen.map(({ promql }) => promql)),
    );
    const slowestMs = median(slowest === undefined ? [] : texts(slowest));
    const most = mostOf(dearest?.seen.map(({ promql }) => promql) ?? []);
    return {
      figures: [
        {
          what: `answer of the slowest command (${slowest?.words}), median of ${runs}`,
          seen: seconds(slowestMs),
          aim: `< ${seconds(aims.textMs)}`,
          isMet: slowestMs < aims.textMs,
        },
        {
          what: `PromQL calls of the dearest command (${dearest?.words})`,
          seen: String(most),
          aim: `≤ ${aims.promql}`,
          isMet: most <= aims.promql,
        },
      ],
      notes: [
        table(
          ['asked', 'answer: min / median / max', `÷ ${plainest}`, 'picture told: min / median / max', 'PromQL calls', 'samples'],
          rows.map((row) => cellsOf(row, plainMs)),
        ),
      ],
    };
  },
};
