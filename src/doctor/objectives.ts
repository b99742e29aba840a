import { systemClock } from '../adapters/system/clock.ts';
import type { Config } from '../config.ts';
import { labelOf } from '../domain/alert.ts';
import { tagged, tagLabel, union } from '../domain/promql/union.ts';
import { duration, selector } from '../domain/promql.ts';
import type { Recorder } from '../domain/slo/reading.ts';
import type { Slo } from '../domain/slo.ts';
import { count, counted } from '../domain/words.ts';
import { gather } from '../gather.ts';
import type { SloDays } from '../ports.ts';
import { readRecorded } from '../read-recorded-slo.ts';
import { countSlo } from '../read-slo.ts';
import type { Sources } from '../sources.ts';
import { type Finding, ok, patienceMs, warning } from './finding.ts';

type Objectives = Omit<Config['objectives'], 'digests'>;

/** "12 of slos/shop.yaml, 3 of sloth/a.yml", the first few files. */
const shownFiles = 5;
const filesText = (slos: readonly Slo[]): string => {
  const many = new Map<string, number>();
  for (const { origin } of slos) many.set(origin.file ?? '', (many.get(origin.file ?? '') ?? 0) + 1);
  const said = [...many].slice(0, shownFiles).map(([file, number]) => `${number} in ${file}`);
  const more = many.size - shownFiles;
  return `${said.join(', ')}${more > 0 ? ` and ${counted(more, 'more file')}` : ''}`;
};

const shownRefusals = 8;

/** How many objectives are defined, where, and what of other tools' files is left out. Mistakes in our own keep the settings from being read. */
export const definedFindings = ({ slos, refused }: Objectives): readonly Finding[] => {
  const defined =
    slos.length === 0
      ? ok('objectives: none in SLO_FILES; what rules of Sloth, Pyrra or Grafana SLO record is found without it')
      : ok(`objectives: ${slos.length} defined: ${filesText(slos)}`);
  const left = refused.slice(0, shownRefusals).map(({ file, name, field, given, expected }) => {
    const where = [file, name, field].filter((part) => part !== null).join(', ');
    return warning(
      `objectives: left out: ${where}${given === null ? ' is missing' : ` is ${given}`}`,
      `Expected is ${expected} (docs/slos.md)`,
    );
  });
  const more = refused.length - shownRefusals;
  return [
    defined,
    ...left,
    ...(more > 0 ? [warning(`objectives: ${more} more are left out`, '`edgewise slo check` names each')] : []),
  ];
};

/** What rules record of objectives, by tool. */
const recordedFindings = async ({ cluster }: Sources): Promise<readonly Finding[]> => {
  const { slos, gaps } = await readRecorded(cluster, systemClock.nowMs(), AbortSignal.timeout(patienceMs));
  const many = new Map<Recorder, number>();
  for (const { by } of slos) many.set(by, (many.get(by) ?? 0) + 1);
  const said = [...many].map(([by, number]) => `${by} ${number}`).join(', ');
  if (said !== '') return [ok(`${cluster.metrics.name}: objectives that rules record: ${said}`)];
  // Who does not answer is told where the metrics are looked at.
  return gaps.length > 0 ? [] : [ok(`${cluster.metrics.name}: no objectives that rules of Sloth, Pyrra or Grafana SLO record`)];
};

/** A look keeps nothing. */
const forgotten: SloDays = { known: async () => [], keep: async () => undefined };

/** Whether one of them can be counted now: over a day, which costs little. */
const countFindings = async ({ cluster }: Sources, slos: readonly Slo[]): Promise<readonly Finding[]> => {
  const slo =
    slos.find(({ sli }) => sli.kind === 'availability' || sli.kind === 'latency') ??
    slos.find(({ sli }) => sli.kind === 'queries');
  if (slo === undefined) return [];
  const { name } = cluster.metrics;
  const day: Slo = { ...slo, window: { kind: 'rolling', days: 1 } };
  const { whole, gaps } = await countSlo({ days: forgotten }, cluster, day, systemClock.nowMs(), AbortSignal.timeout(patienceMs));
  const [gap] = gaps;
  if (gap !== undefined)
    return [
      warning(
        `${name}: objective ${slo.name} cannot be counted: it ${gap.detail}`,
        `\`edgewise slo ${slo.name}\` asks again; docs/slos.md says what is counted`,
      ),
    ];
  const events = whole?.events ?? null;
  if (events === null)
    return [
      warning(
        `${name}: objective ${slo.name}: nothing was counted in the last day`,
        `Compare the names in its file with \`edgewise stat\`, and its reporter with what is scraped (docs/slos.md)`,
      ),
    ];
  return [
    ok(`${name}: objective ${slo.name} is counted: ${count(events.total)} events in the last day, ${count(events.bad)} bad`),
  ];
};

const daySeconds = 86_400;
const depths = [1, 2, 3, 5, 7, 10, 14, 21, 28, 30, 60, 90, 180, 365] as const;
const calendarDays = { day: 1, week: 7, month: 31, quarter: 92, year: 366 } as const;
const daysOf = ({ window }: Slo): number => (window.kind === 'rolling' ? window.days : calendarDays[window.unit]);

/** Whether requests of the beginning of the longest window are still there. */
const depthFindings = async ({ cluster }: Sources, slos: readonly Slo[]): Promise<readonly Finding[]> => {
  const [longest] = slos
    .filter(({ sli }) => sli.kind === 'availability' || sli.kind === 'latency')
    .toSorted((a, b) => daysOf(b) - daysOf(a));
  if (longest === undefined) return [];
  const { metrics, dialect } = cluster;
  const needed = daysOf(longest);
  const requests = selector(dialect.metrics.requests, dialect.views.callee.matchers);
  const asked = [...depths.filter((days) => days < needed), needed];
  const promql = union(asked.map((days) => tagged(`${days}`, `count(${requests} offset ${duration(days * daySeconds)})`))) ?? '';
  const answer = await gather('how far back it goes', metrics.name, patienceMs, (ask) =>
    metrics.instant(promql, systemClock.nowMs(), ask),
  );
  if (!answer.ok) return [];
  const found = answer.value.value.map(({ labels }) => Number(labelOf(labels, tagLabel)));
  if (found.includes(needed))
    return [ok(`${metrics.name}: goes back ${counted(needed, 'day')}, the longest window of an objective`)];
  const far = Math.max(0, ...found);
  return [
    warning(
      `${metrics.name}: goes back ${far === 0 ? 'less than a day' : `${counted(far, 'day')}`}, and objective ${longest.name} is kept over ${counted(needed, 'day')}`,
      'Until days are kept in the store of Edgewise its figures count from the first sample on, and say so; keep more (--storage.tsdb.retention.time), or ask a store that does',
    ),
  ];
};

/** What a cluster has for its objectives. `slos` are those that are about it. */
export const objectivesFindings = async (sources: Sources, slos: readonly Slo[]): Promise<readonly Finding[]> =>
  (await Promise.all([recordedFindings(sources), countFindings(sources, slos), depthFindings(sources, slos)])).flat();
