import type { EdgeEnd } from '../../domain/edge.ts';
import type { Sli } from '../../domain/slo.ts';
import { latencyOf } from './fields.ts';
import { fieldsOf, type SloSettings, type Teller, textAt } from './found.ts';
import { noticeOffEdge } from './thresholds.ts';

/** What a plugin of Sloth's measures, in our own words. */
type Plugged = { readonly sli: Sli; readonly callee: EdgeEnd };

const [availabilityId, latencyId] = ['sloth-common/istio/v1/availability', 'sloth-common/istio/v1/latency'] as const;

/**
 * Its queries choose no reporter, so that requests between two sidecars count twice and those that never arrived once; a reader of both
 * figures must know (slok/sloth-common-sli-plugins, plugins/istio/v1).
 */
const reporters = 'the plugin counts what both proxies report, Edgewise what the callee reports: the two figures differ';

const availability = (teller: Teller): Sli => {
  teller.notice(`${reporters}; the plugin takes 5xx and 429 for bad, Edgewise what failed`);
  return { kind: 'availability', bad: 'failed', reporter: 'destination' };
};

const latency = (teller: Teller, plugin: unknown, settings: SloSettings): Sli | null => {
  const bucket = textAt(plugin, 'options', 'bucket');
  const thresholdSeconds = bucket === null ? null : latencyOf(`${bucket}ms`);
  if (thresholdSeconds === null) return teller.refuse('sli.plugin.options.bucket', bucket, 'milliseconds, such as 250');
  teller.notice(reporters);
  if (/^(1|t|true)$/i.test(textAt(plugin, 'options', 'exclude_errors') ?? ''))
    teller.notice(
      'exclude_errors excludes nothing: it filters by the label code, which Istio does not have, and neither does Edgewise',
    );
  noticeOffEdge(teller, thresholdSeconds, null, settings);
  return { kind: 'latency', thresholdSeconds, offEdge: 'refuse', reporter: 'destination' };
};

/** The two plugins of Sloth's that measure Istio, as our own count of the mesh. Others are code, and are not run. */
export const readPlugin = (teller: Teller, plugin: unknown, settings: SloSettings): Plugged | null => {
  const id = textAt(plugin, 'id');
  if (id !== availabilityId && id !== latencyId)
    return teller.refuse(
      'sli.plugin.id',
      id ?? undefined,
      `${availabilityId} or ${latencyId}: other plugins are code that Edgewise does not run; write what it asks as sli.events`,
    );
  const options = fieldsOf(fieldsOf(plugin).get('options'));
  const filter = textAt(plugin, 'options', 'filter');
  if (filter !== null)
    return teller.refuse('sli.plugin.options.filter', filter, 'no filter: write the filtered queries as sli.events');
  const [namespace, service] = [textAt(plugin, 'options', 'namespace'), textAt(plugin, 'options', 'service')];
  if (namespace === null) return teller.refuse('sli.plugin.options.namespace', options.get('namespace'), 'a namespace');
  if (service === null) return teller.refuse('sli.plugin.options.service', options.get('service'), 'the name of a service');
  const sli = id === availabilityId ? availability(teller) : latency(teller, plugin, settings);
  return sli === null ? null : { sli, callee: { namespace, workload: null, service } };
};
