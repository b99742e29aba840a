import { selector } from '../domain/promql.ts';
import { type Finding, ok, warning } from './finding.ts';

/** Statistics that Istio hides for application clusters unless a proxyStatsMatcher shows them, by what they tell. */
const hidden: Readonly<Record<string, readonly string[]>> = {
  'connections in use': ['upstream_cx_active'],
  overflow: ['upstream_rq_pending_overflow', 'upstream_cx_overflow'],
  retries: ['upstream_rq_retry'],
  ejections: ['outlier_detection_ejections_enforced_total'],
  'connection failures': ['upstream_cx_connect_fail'],
  'TLS failures': ['ssl_connection_error', 'ssl_fail_verify_error'],
};

const ofApplications = { label: 'cluster_name', op: '=~', value: 'outbound.*' } as const;

/** One count each; `xds-grpc` and the like are always there and prove nothing. */
export const hiddenParts: readonly (readonly [string, string])[] = Object.values(hidden)
  .flat()
  .map((name) => [name, selector(`envoy_cluster_${name}`, [ofApplications])]);

/** Which of the hidden statistics are shown. */
export const hiddenOf = (cluster: string, counts: ReadonlyMap<string, number>): readonly Finding[] => {
  const isShown = (names: readonly string[]): boolean => names.every((name) => (counts.get(name) ?? 0) > 0);
  const missing = Object.entries(hidden).filter(([, names]) => !isShown(names));
  if (missing.length === 0) return [ok(`${cluster}: Envoy's hidden statistics are shown`)];
  const what = missing.map(([name, names]) => `${name} (${names.map((each) => `envoy_cluster_${each}`).join(', ')})`);
  return [
    warning(
      `${cluster}: hidden by Istio: ${what.join('; ')}`,
      'manifests/istio/proxy-stats-matcher.yaml shows them; without them the message says less about why',
    ),
  ];
};
