import { routeFamilies } from '../dialects/routes.ts';
import type { Dialect } from '../domain/dialect.ts';
import { counterOf, failedMeans } from '../domain/mesh.ts';
import type { RouteReading } from '../domain/route.ts';
import { gatherQueries } from '../gather.ts';
import { gapsOf, rowsOf } from '../inquiry.ts';
import { maxRows } from '../stages/compose/tables.ts';
import { isDefined, planRoutes, readRoutes } from '../stages/measure/routes.ts';
import { type Asked, type Filled, quantileOf, rateOf, successOf } from './filled.ts';

/** What somebody has to add before routes can be told apart. */
const missingText = ({ name, labels }: Dialect): readonly string[] =>
  name === 'linkerd'
    ? ['define an HTTPRoute or a GRPCRoute for the Service, or a ServiceProfile: Linkerd counts by route from then on']
    : [
        `Istio's metrics have no label of a route until one is added: in a Telemetry resource tagOverrides ${labels.urlPath} (value request.url_path) where paths are few and fixed, else ${labels.operation} by its attribute-gen filter`,
        'a path with an id in it makes new series for every id',
      ];

const serviceText = ({ service: { namespace, name } }: RouteReading, isNamed: boolean): string =>
  isNamed && namespace !== null ? `${namespace}/${name}` : name;

const factsOf = (shown: readonly RouteReading[], mesh: Dialect['name']): readonly string[] => {
  const ways = [
    ...new Set(shown.map(({ family }) => `routes of ${family.definedBy}, counted by ${counterOf(mesh, family.reporter)}`)),
  ];
  return [
    ...ways.map((way) => way.replace(/^routes of routes/, 'routes')),
    failedMeans(mesh),
    ...(shown.some(({ family }) => family.isCoarse) ? ['latency from four buckets only (50 ms, 500 ms, 1 s, 10 s)'] : []),
  ];
};

/** As `linkerd viz routes` has them, wherever a mesh counts by route. */
export const routes = async ({ found, question }: Asked): Promise<Filled> => {
  const { cluster } = found;
  const { dialect } = cluster;
  const families = routeFamilies(dialect);
  const budget = { records: [], maxCalls: 20, deadlineMs: cluster.deadlineMs };
  const answers = await gatherQueries(cluster.metrics, planRoutes(families, question), budget);
  const gaps = gapsOf(answers.values());
  const read = readRoutes(families, (id) => rowsOf(answers, id));
  // Where nobody defined a route, what is left is the service itself, which /mesh stat shows.
  const shown = read.some(isDefined) ? read : [];
  const namespaces = new Set(shown.map(({ service }) => service.namespace));
  const none = read.length > 0 || gaps.length === 0 ? 'no request is counted by route' : 'nothing could be read';
  return {
    columns: ['Success', 'RPS', 'p50', 'p95', 'p99'],
    figures: [0, 1, 2, 3, 4],
    rows: shown.map((one) => ({
      heads: ['Route', 'Service'],
      names: [one.route, serviceText(one, namespaces.size > 1)],
      cells: [
        ...[successOf(one), rateOf({ noun: 'request', counts: one.counts }, question.seconds)],
        ...[0.5, 0.95, 0.99].map((q) => quantileOf(one.latency, q)),
      ],
    })),
    none,
    facts: shown.length > 0 ? factsOf(shown.slice(0, maxRows), dialect.name) : gaps.length > 0 ? [] : missingText(dialect),
    gaps: [...found.gaps, ...gaps],
    spoken: ({ cells: [ok, perSecond, , , p99] }) => `${ok} ok, ${perSecond}, p99 ${p99}`,
  };
};
