import { systemClock } from '../adapters/system/clock.ts';
import { labelOf } from '../domain/alert.ts';
import type { EdgeEnd } from '../domain/edge.ts';
import { selector } from '../domain/promql.ts';
import { storeNames } from '../domain/source-name.ts';
import { isEnd, nameless, namesOf } from '../domain/span-workload.ts';
import { count, counted } from '../domain/words.ts';
import { gather } from '../gather.ts';
import type { Sources } from '../sources.ts';
import { cureOf, type Finding, failure, ok, patienceMs, warning } from './finding.ts';

/** Callers that the metrics know; none where they give no answer, which is told elsewhere. */
const workloadsOf = async ({ cluster: { metrics, dialect } }: Sources): Promise<readonly EdgeEnd[]> => {
  const { labels, matchers } = dialect.views.caller;
  const name = labels.sourceWorkload;
  if (name === null) return [];
  const by = [name, labels.sourceNamespace].filter((label) => label !== null);
  const promql = `count by (${by.join(', ')}) (${selector(dialect.metrics.requests, matchers)})`;
  const answer = await gather('workloads', metrics.name, patienceMs, (ask) => metrics.instant(promql, systemClock.nowMs(), ask));
  if (!answer.ok) return [];
  return answer.value.value.flatMap((row) => {
    const workload = labelOf(row.labels, name);
    const namespace = labels.sourceNamespace === null ? null : labelOf(row.labels, labels.sourceNamespace);
    return workload === null || workload === 'unknown' ? [] : [{ namespace, workload, service: null }];
  });
};

const shown = 3;

/** Traces are found by names: whether the store's services are the workloads of the mesh. */
const namesFinding = async (sources: Sources, name: string, services: readonly string[]): Promise<Finding> => {
  const some = `${services.slice(0, shown).join(', ')}${services.length > shown ? ', …' : ''}`;
  if (services.length === 0)
    return warning(`${name}: answers, and knows no service`, 'No span came in lately: docs/traces.md says how a mesh sends them');
  const workloads = await workloadsOf(sources);
  const known = workloads.filter((end) => services.some((service) => isEnd(namesOf({ service, attributes: {} }), end)));
  const told = `${name}: answers, and knows ${counted(services.length, 'service')}`;
  if (workloads.length === 0) return ok(`${told} (${some})`);
  if (known.length > 0) return ok(`${told}; of the mesh ${count(known.length)} of ${counted(workloads.length, 'workload')}`);
  if (services.some((service) => nameless.has(service.toLowerCase())))
    return ok(`${told}: proxies write spans under their own name`);
  return warning(
    `${told}, none of them a workload of the mesh (${some})`,
    `Traces are found by the names of services: either the proxies send no spans here, or their tracer calls workloads otherwise (docs/traces.md)`,
  );
};

/** Whether the trace store is there, what was said it is, and knows the mesh. */
export const tracesFindings = async (sources: Sources): Promise<readonly Finding[]> => {
  const { cluster, aboutTraces } = sources;
  const { tracing } = cluster;
  if (tracing === undefined || aboutTraces === null)
    return [
      warning(
        `${cluster.name}: TRACES_URL is not set`,
        'Without it no message tells the worst request of an edge (docs/traces.md)',
      ),
    ];
  const { name, store } = tracing.traces;
  const about = await gather('about', name, patienceMs, aboutTraces);
  if (!about.ok) return [failure(`${name}: ${about.gap.detail}`, cureOf(about.gap, 'TRACES'))];
  const { looksLike, services, isSearchOff } = about.value;
  if (looksLike === null)
    return [
      failure(
        `${name}: something answers that is neither Jaeger nor Tempo nor Zipkin`,
        'Check TRACES_URL and its path prefix: it is where the API is, which need not be where its pages are',
      ),
    ];
  if (looksLike !== store)
    return [
      failure(`${name}: it looks like ${storeNames[looksLike]}`, `Set TRACES_STORE=${looksLike} (in CONFIG_FILE its store)`),
    ];
  if (isSearchOff)
    return [
      warning(
        `${name}: answers, and gives traces by their ids only`,
        'Its SEARCH_ENABLED is false: only exemplars lead to the worst request of an edge then, and /mesh trace by an id',
      ),
    ];
  return [await namesFinding(sources, name, services)];
};

const turnOn =
  'Prometheus: --enable-feature=exemplar-storage; Thanos Receive: --tsdb.max-exemplars; Mimir: max_global_exemplars_per_user; VictoriaMetrics keeps none. Without them traces are found by search only';

/** Whether the metrics store keeps exemplars; `isStored` is what it says by itself. */
export const exemplarsFinding = async (
  { cluster: { metrics, tracing } }: Sources,
  isStored: boolean | null,
): Promise<Finding> => {
  const asked =
    tracing === undefined ? null : await gather('exemplars', metrics.name, patienceMs, (ask) => tracing.exemplars.storage(ask));
  const storage = asked?.ok ? asked.value : isStored === null ? 'unknown' : isStored ? 'on' : 'off';
  if (storage === 'on') return ok(`${metrics.name}: stores exemplars`);
  if (storage === 'off') return warning(`${metrics.name}: stores no exemplars`, turnOn);
  const told = `${metrics.name}: does not say whether it stores exemplars`;
  return tracing === undefined ? ok(told) : warning(told, turnOn);
};
