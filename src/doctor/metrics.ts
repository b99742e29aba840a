import { systemClock } from '../adapters/system/clock.ts';
import { dialects } from '../dialects/index.ts';
import { labelOf } from '../domain/alert.ts';
import type { Dialect } from '../domain/dialect.ts';
import type { Gathered } from '../domain/gathered.ts';
import { tagged, tagLabel } from '../domain/promql/union.ts';
import { type Matcher, selector } from '../domain/promql.ts';
import { gather } from '../gather.ts';
import type { Sources } from '../sources.ts';
import { cureOf, type Finding, failure, ok, patienceMs, warning } from './finding.ts';
import { hiddenOf, hiddenParts } from './hidden.ts';
import { exemplarsFinding } from './traces.ts';

/** Series counted by the tag of their question; a question without an answer has no tag. */
type Counts = ReadonlyMap<string, number>;
/** A tag, and the expression whose series are counted. */
type Part = readonly [tag: string, promql: string];

const set = (label: string): Matcher => ({ label, op: '!=', value: '' });

/** All parts in one call. */
const countAll = ({ cluster: { metrics } }: Sources, parts: readonly Part[]): Promise<Gathered<Counts>> =>
  gather('what there is', metrics.name, patienceMs, async (ask) => {
    const promql = parts.map(([tag, inner]) => tagged(tag, `count(${inner})`)).join(' or ');
    const { value } = await metrics.instant(promql, systemClock.nowMs(), ask);
    return new Map(value.map((row) => [labelOf(row.labels, tagLabel) ?? '', row.value]));
  });

const viewsOf = ({ views }: Dialect) => [
  {
    view: views.caller,
    who: "the caller's reporter",
    advice: 'Failures that never arrive (UH, UF, UO, NR) are only counted there',
  },
  { view: views.callee, who: "the callee's reporter", advice: 'Without it nobody can say on which side a failure is' },
];

type Label = { readonly label: string; readonly of: readonly Matcher[]; readonly isNeeded: boolean; readonly advice: string };

/** Labels that the queries read, once each: those that name an edge, and those that make the answer better. */
const labelsNeeded = (dialect: Dialect): readonly Label[] => {
  const found = viewsOf(dialect).flatMap(({ view: { labels, matchers } }) => {
    const one = (label: string | null, isNeeded: boolean, advice: string): readonly Label[] =>
      label === null ? [] : [{ label, of: matchers, isNeeded, advice }];
    return [
      ...one(labels.sourceWorkload ?? labels.sourceIdentity, true, 'Without it no caller has a name'),
      ...one(labels.destinationService ?? labels.destinationWorkload, true, 'Without it no callee has a name'),
      ...one(labels.sourceNamespace, false, 'Callers of one name in two namespaces are taken for one'),
      ...one(labels.destinationNamespace, false, 'Callees of one name in two namespaces are taken for one'),
      ...one(labels.destinationVersion, false, 'Without it a bad version cannot be told from a good one'),
    ];
  });
  const { code, flags, classification } = dialect.labels;
  const rest: readonly Label[] = [
    ...(code === null
      ? []
      : [{ label: code, of: [], isNeeded: classification === null, advice: 'Without it no failure is seen' }]),
    ...(flags === null
      ? []
      : [{ label: flags, of: [], isNeeded: false, advice: 'Without it most verdicts cannot be told apart' }]),
  ];
  return [...found, ...rest].filter(({ label }, index, all) => all.findIndex((other) => other.label === label) === index);
};

const partsOf = (dialect: Dialect): readonly Part[] => {
  const { requests, durationBucket, durationCount } = dialect.metrics;
  return [
    ['scraped', 'up'],
    ['requests', selector(requests, [])],
    ['buckets', selector(durationBucket, [])],
    ['counts', selector(durationCount, [])],
    ...viewsOf(dialect).map(({ view }): Part => [view.reporter, selector(requests, view.matchers)]),
    ...labelsNeeded(dialect).map(({ label, of }): Part => [`label:${label}`, selector(requests, [...of, set(label)])]),
    ...Object.values(dialects).map(({ name, metrics }): Part => [`mesh:${name}`, selector(metrics.requests, [])]),
    ['doubled', `count by (pod) (count by (pod, job) (${selector(requests, [set('pod')])})) > 1`],
    ['kube', selector('kube_replicaset_created', [])],
    ['resources', selector('container_cpu_usage_seconds_total', [])],
    ['pilot', selector('pilot_k8s_cfg_events', [])],
  ];
};

/** Why there is no request: another mesh, an empty Prometheus, or names of one's own. */
const withoutRequests = ({ cluster: { dialect } }: Sources, counts: Counts): string => {
  const other = Object.values(dialects).find(
    ({ name, metrics }) => metrics.requests !== dialect.metrics.requests && (counts.get(`mesh:${name}`) ?? 0) > 0,
  );
  if (other)
    return `There are ${counts.get(`mesh:${other.name}`)} series ${other.metrics.requests}: set MESH=${other.name} (mesh: in CONFIG_FILE)`;
  return (counts.get('scraped') ?? 0) === 0
    ? 'Nothing at all is scraped there: another Prometheus has the mesh, or `matchers` in CONFIG_FILE leave nothing over'
    : 'Scrape the proxies (manifests/prometheus/podmonitor.yaml), or say their names in CONFIG_FILE (metrics, labels)';
};

const namesOf = (sources: Sources, counts: Counts): readonly Finding[] => {
  const { dialect, name } = sources.cluster;
  const { requests, durationBucket, durationCount } = dialect.metrics;
  const series = (tag: string): number => counts.get(tag) ?? 0;
  const line = (tag: string, what: string, isNeeded: boolean, advice: string): Finding =>
    series(tag) > 0
      ? ok(`${name}: ${what}: ${series(tag)} series`)
      : (isNeeded ? failure : warning)(`${name}: ${what}: none`, advice);
  if (series('requests') === 0) return [failure(`${name}: ${requests}: none`, withoutRequests(sources, counts))];
  const labels = labelsNeeded(dialect);
  const lacking = labels.filter(({ label }) => series(`label:${label}`) === 0);
  return [
    line('requests', requests, true, ''),
    line('buckets', durationBucket, true, 'Without the buckets there is no latency; a scrape filter may drop them'),
    line('counts', durationCount, true, 'Without the counts there is no mean latency; a scrape filter may drop them'),
    ...viewsOf(dialect).map(({ view, who, advice }) => line(view.reporter, who, false, advice)),
    ...lacking.map(({ label, isNeeded, advice }) =>
      (isNeeded ? failure : warning)(
        `${name}: label ${label}: on no series`,
        `${advice}; a Telemetry or a relabelling removes it, or \`labels\` in CONFIG_FILE renames it`,
      ),
    ),
    ...(lacking.length === 0 ? [ok(`${name}: ${labels.length} labels that the queries read`)] : []),
    series('doubled') > 0
      ? warning(
          `${name}: ${series('doubled')} pods are scraped by two jobs`,
          'Every sum is doubled: pin one job by `matchers` in CONFIG_FILE',
        )
      : ok(`${name}: no pod is scraped twice`),
    line('kube', 'kube-state-metrics', false, 'Without it rollouts and restarts cannot be named'),
    line('resources', 'CPU and memory of containers (cAdvisor)', false, 'Without them saturation is told by the mesh alone'),
    ...(dialect.name === 'linkerd'
      ? []
      : [line('pilot', "istiod's own metrics", false, 'Without them configuration changes cannot be named')]),
  ];
};

/** The oldest Prometheus that the tests run against. */
const oldest = [2, 42] as const;

const aboutOf = async (sources: Sources): Promise<readonly Finding[]> => {
  const { aboutMetrics, cluster } = sources;
  const { metrics } = cluster;
  const about = await gather('about', metrics.name, patienceMs, aboutMetrics);
  if (!about.ok) return [];
  const { version, hasExemplarStorage, aheadSeconds } = about.value;
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  const isOld = version !== null && (major < oldest[0] || (major === oldest[0] && minor < oldest[1]));
  return [
    isOld
      ? warning(
          `${metrics.name} answers; its version is ${version}`,
          `${oldest.join('.')} is the oldest that is tested: upgrade it`,
        )
      : ok(`${metrics.name} answers${version === null ? '' : `; its version is ${version}`}`),
    ...(aheadSeconds !== null && Math.abs(aheadSeconds) > 30
      ? [
          warning(
            `${metrics.name}: its clock is ${Math.round(Math.abs(aheadSeconds))} s ${aheadSeconds > 0 ? 'ahead of' : 'behind'} ours`,
            'Set both by NTP: every window is read by our clock',
          ),
        ]
      : []),
    await exemplarsFinding(sources, hasExemplarStorage),
  ];
};

/** Metrics and labels that the queries need, and those that make the answers better. */
export const metricsFindings = async (sources: Sources): Promise<readonly Finding[]> => {
  const { metrics, dialect } = sources.cluster;
  const reach = await gather('reach', metrics.name, patienceMs, (ask) => metrics.instant('vector(1)', systemClock.nowMs(), ask));
  if (!reach.ok) return [failure(`${metrics.name}: ${reach.gap.detail}`, cureOf(reach.gap, 'PROMETHEUS'))];
  const [about, counts, hidden] = await Promise.all([
    aboutOf(sources),
    countAll(sources, partsOf(dialect)),
    dialect.name === 'linkerd' ? null : countAll(sources, hiddenParts(dialect)),
  ]);
  const unanswered = (answer: Gathered<Counts>): readonly Finding[] =>
    answer.ok
      ? []
      : [failure(`${metrics.name}: what it holds cannot be counted: ${answer.gap.detail}`, cureOf(answer.gap, 'PROMETHEUS'))];
  return [
    ...about,
    ...unanswered(counts),
    ...(counts.ok ? namesOf(sources, counts.value) : []),
    ...(counts.ok && hidden?.ok && (counts.value.get('requests') ?? 0) > 0
      ? hiddenOf(sources.cluster.name, dialect, hidden.value)
      : []),
    ...(counts.ok && hidden !== null ? unanswered(hidden) : []),
  ];
};
