import type { Dialect } from '../domain/dialect.ts';
import { quantile } from '../domain/histogram.ts';
import { counterOf, failedMeans, type Mesh } from '../domain/mesh.ts';
import type { Reporter } from '../domain/signals.ts';
import { failingText, fewFailing, type Part, type Split, type SplitBy } from '../domain/split.ts';
import { count, percent } from '../domain/words.ts';
import { gatherQueries } from '../gather.ts';
import { budgetOf, gapsOf, rowsOf } from '../inquiry.ts';
import { planSplit, readSplit } from '../stages/measure/split.ts';
import { type Asked, type Filled, quantileOf, rateOf, successOf } from './filled.ts';

const heads: Readonly<Record<SplitBy, string>> = { version: 'Version', pod: 'Pod' };
const untold: Readonly<Record<SplitBy, string>> = { version: 'no version told', pod: 'no pod told' };

/** What somebody has to add before versions can be told apart. */
const versionAdvice = ({ name, views }: Dialect): string =>
  name === 'linkerd'
    ? `Linkerd prints no version, only the hash of the ReplicaSet (${views.caller.labels.destinationVersion} by the callers' proxies, ${views.callee.labels.destinationVersion} by the scrape): let the scrape keep these labels, or map your own onto them (docs/configuration.md)`
    : 'Istio takes the version from the label version or app.kubernetes.io/version of the pods: label them, and keep destination_version where metrics are aggregated';

/** Why no pod is told apart, and what to do. */
const podAdvice = ({ name, labels, views }: Dialect): string =>
  name === 'ambient'
    ? 'in an ambient mesh waypoints count requests, and no pod of the callee does'
    : `the scrape names who counted in ${labels.pod} and ${labels.instance}: an aggregation (recording rule, federation) that drops both of them drops the pods; only series with ${views.callee.matchers.map(({ label, value }) => `${label}="${value}"`).join(', ')} are a pod's own`;

const advice = (dialect: Dialect, by: SplitBy): string => (by === 'pod' ? podAdvice(dialect) : versionAdvice(dialect));

const isBusy = ({ counts }: Part): boolean => counts.requests >= 0.5;
const total = (parts: readonly Part[]): number => parts.reduce((sum, { counts }) => sum + counts.requests, 0);

/** What fails most first, by its share; then the slowest, then the busiest. */
const worstFirst = (parts: readonly Part[]): readonly Part[] => {
  const bad = ({ counts: { failed, requests } }: Part): number => (failed < 0.5 ? 0 : failed / requests);
  const slow = ({ latency }: Part): number => (latency === null ? 0 : (quantile(0.99, latency)?.seconds ?? 0));
  return [...parts].sort((a, b) => bad(b) - bad(a) || slow(b) - slow(a));
};

const countedBy = (mesh: Mesh, reporters: readonly Reporter[]): string =>
  `counted by ${reporters.map((reporter) => counterOf(mesh, reporter)).join(", where no caller's reports by ")}`;

const factsOf = (dialect: Dialect, by: SplitBy, { parts, reporters }: Split): readonly string[] => {
  const busy = parts.filter(isBusy);
  const idle = parts.filter(({ name, counts }) => name !== null && counts.requests < 0.5).length;
  const [lost, all] = [total(busy.filter(({ name }) => name === null)), total(busy)];
  const which = by === 'version' && dialect.name === 'linkerd' ? ['a version is the hash of a ReplicaSet here'] : [];
  return [
    ...(by === 'pod' ? ['the worst first'] : []),
    countedBy(dialect.name, reporters),
    failedMeans(dialect.name),
    ...(lost < 0.5 || lost === all
      ? which
      : [...which, `${percent(lost / all)} of requests tell no ${by}: they reached none, or it has no label`]),
    ...(busy.some(({ isAddress }) => isAddress) ? ['no label names a pod: these are the addresses that are scraped'] : []),
    ...(idle > 0 ? [`${count(idle)} more without a request`] : []),
  ];
};

/** The parts that are told, and those that nobody can name where others are. */
const split =
  (by: SplitBy) =>
  async ({ found, question }: Asked): Promise<Filled> => {
    const { cluster } = found;
    const { dialect } = cluster;
    const edges = found.edges.map(({ edge }) => edge);
    const answers = await gatherQueries(cluster.metrics, planSplit(dialect, by, edges, question), budgetOf(cluster));
    const gaps = gapsOf(answers.values());
    const read = readSplit(dialect, by, rowsOf(answers, 'split-counts'), rowsOf(answers, 'split-buckets'));
    const busy = read.parts.filter(isBusy);
    // Of what nobody can name, one row says no more than /mesh stat.
    const shown = busy.some(({ name }) => name !== null) ? busy : [];
    const few = fewFailing(shown);
    const namespaces = new Set(shown.map(({ namespace }) => namespace));
    const nameOf = ({ name, namespace }: Part): string =>
      name === null ? untold[by] : namespaces.size > 1 ? `${namespace ?? '–'}/${name}` : name;
    const isRead = gaps.length === 0 || busy.length > 0;
    return {
      ...(few === null ? {} : { lead: failingText(shown, few, by) }),
      columns: ['Share', 'Success', 'RPS', 'p50', 'p95', 'p99', ...(by === 'pod' ? ['Version'] : [])],
      figures: [0, 1, 2, 3, 4, 5],
      rows: (by === 'pod' ? worstFirst(shown) : shown).map((part) => ({
        heads: [heads[by]],
        names: [nameOf(part)],
        cells: [
          ...[percent(part.counts.requests / total(shown)), successOf(part)],
          rateOf({ noun: 'request', counts: part.counts }, question.seconds),
          ...[0.5, 0.95, 0.99].map((q) => quantileOf(part.latency, q)),
          ...(by === 'pod' ? [part.version ?? '–'] : []),
        ],
      })),
      none: isRead ? `no request is told apart by ${by}` : 'nothing could be read',
      facts: shown.length > 0 ? factsOf(dialect, by, read) : isRead ? [advice(dialect, by)] : [],
      gaps: [...found.gaps, ...gaps],
      spoken: ({ cells: [part, ok, , , , p99] }) => `${part} of requests, ${ok} ok, p99 ${p99}`,
    };
  };

/** Figures of every version of the callee. */
export const versions = split('version');

/** Figures of every pod of the callee, by its own proxy's count. */
export const pods = split('pod');
