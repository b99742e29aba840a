import { isDeadMan } from '../adapters/alertmanager/dead-man.ts';
import { systemClock } from '../adapters/system/clock.ts';
import type { Config } from '../config.ts';
import { type AlertRule, labelsOf } from '../domain/alert.ts';
import type { Gathered } from '../domain/gathered.ts';
import { unrecorded } from '../find-rule.ts';
import { gather } from '../gather.ts';
import { openSources, type Sources, uncounted } from '../sources.ts';
import { type Forecast, forecastOf, severityText } from '../stages/locate/forecast.ts';
import { print } from './usage.ts';

const patienceMs = 10_000;

type Told = {
  readonly name: string;
  readonly severity: string | null;
  readonly forSeconds: number | null;
  /** `watchdog` posts nothing: it feeds the dead-man metric. */
  readonly subject: Forecast['subject'] | 'watchdog';
  readonly way: Forecast['way'];
  readonly mesh: Forecast['mesh'];
  readonly how: string;
  readonly expression: string;
};

const told = async ({ cluster }: Sources, rule: AlertRule): Promise<Told> => {
  const { subject, way, mesh, how } = forecastOf(await unrecorded(cluster, rule));
  const { name, forSeconds, expression } = rule;
  const said = { name, severity: severityText(rule), forSeconds, expression };
  return isDeadMan({ labels: labelsOf([...Object.entries(rule.labels), ['alertname', name]]) })
    ? { ...said, subject: 'watchdog', way: 'none', mesh: null, how: 'always firing on purpose' }
    : { ...said, subject, way, mesh, how };
};

const rulesOf = (sources: Sources): Promise<Gathered<readonly Told[]>> => {
  const { rules, metrics } = sources.cluster;
  return gather('alert rules', rules?.name ?? metrics.name, patienceMs, async (ask) =>
    Promise.all(((await rules?.alerting(ask)) ?? []).map((rule) => told(sources, rule))),
  );
};

/** What stands in the text for each subject, in the words of an on-call. */
const subjects: Readonly<Record<Told['subject'], string>> = {
  edge: 'names the edge',
  workload: 'names the worst edge of a workload',
  node: 'about one proxy: a card without an edge',
  'control-plane': 'about the control plane: its own card',
  'no-data': 'about a missing metric: a card without an edge',
  'low-traffic': 'about low traffic: a card without an edge',
  plain: 'not about the mesh: the plain card',
  watchdog: 'a watchdog: feeds the dead-man metric and posts nothing',
};

const isLocated = ({ subject }: Told): boolean => subject === 'edge' || subject === 'workload';

const text = (cluster: string, rules: readonly Told[]): string => {
  const lines = rules.map((rule) => {
    const { name, severity, forSeconds, subject, mesh, how, expression } = rule;
    const set = [severity, mesh, ...(forSeconds ? [`for ${forSeconds} s`] : [])].filter((word) => word !== null);
    return `  ${name}${set.length > 0 ? ` (${set.join(', ')})` : ''}\n      ${subjects[subject]}${isLocated(rule) ? `: ${how}` : ''}\n      ${expression.replace(/\s+/g, ' ').trim()}`;
  });
  return [`${cluster}: ${rules.length} alert rules, ${rules.filter(isLocated).length} that name an edge`, ...lines].join('\n');
};

/** `edgewise rules`: each alert rule that is read, and what its alerts will become. A cluster that does not answer leaves the others told. */
export const rulesCommand = async (config: Config, { json }: { readonly json?: boolean }): Promise<void> => {
  const sources = openSources(config, { clock: systemClock, ...uncounted });
  try {
    const all = await Promise.all(sources.map(async (one) => ({ cluster: one.cluster.name, answer: await rulesOf(one) })));
    const good = all.flatMap(({ cluster, answer }) => (answer.ok ? [{ cluster, rules: answer.value }] : []));
    if (json && good.length > 0) print(JSON.stringify(good, null, 2));
    if (!json) for (const { cluster, rules } of good) print(text(cluster, rules));
    for (const { answer } of all)
      if (!answer.ok) {
        process.stderr.write(`Edgewise cannot go on: ${answer.gap.source}: ${answer.gap.detail}\n`);
        process.exitCode = 1;
      }
  } finally {
    await Promise.all(sources.map(({ close }) => close()));
  }
};
