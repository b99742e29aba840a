import { selector } from '../domain/promql.ts';
import { callerCluster, callerHttp } from '../stages/measure/counters.ts';
import { type Finding, ok, warning } from './finding.ts';

/** What a counter tells. */
const tells = (name: string): string =>
  name === 'upstream_cx_active'
    ? 'connections in use'
    : name.includes('overflow')
      ? 'overflow'
      : name.startsWith('ssl_')
        ? 'TLS failures'
        : name.startsWith('outlier_')
          ? 'ejections'
          : name.includes('retry')
            ? 'retries'
            : name.startsWith('http_')
              ? "proxies' own answers"
              : 'limits of time';

const isOverflow = (name: string): boolean => name.includes('overflow');

/** What the rules read of the caller's proxies, and saturation, that Istio hides unless a proxyStatsMatcher shows it. */
const names: readonly string[] = [
  'upstream_cx_active',
  ...callerCluster.filter(isOverflow),
  ...callerCluster.filter((name) => !isOverflow(name)),
  ...callerHttp,
];

/** As Envoy spells it, and so the matcher. */
const suffixOf = (name: string): string => name.replace(/^(ssl|outlier_detection)_/, '$1.').replace(/^http_/, '');

const ofApplications = { label: 'cluster_name', op: '=~', value: 'outbound.*' } as const;

const metricOf = (name: string): string => (name.startsWith('http_') ? `envoy_${name}` : `envoy_cluster_${name}`);

/** One count each; `xds-grpc` and the like are always there and prove nothing. */
export const hiddenParts: readonly (readonly [string, string])[] = names.map((name) => [
  name,
  selector(metricOf(name), name.startsWith('http_') ? [] : [ofApplications]),
]);

/** Which of the hidden statistics are shown. */
export const hiddenOf = (cluster: string, counts: ReadonlyMap<string, number>): readonly Finding[] => {
  const missing = names.filter((name) => (counts.get(name) ?? 0) === 0);
  if (missing.length === 0) return [ok(`${cluster}: Envoy's hidden statistics are shown`)];
  const what = [...new Set(missing.map(tells))].map(
    (told) =>
      `${told} (${missing
        .filter((name) => tells(name) === told)
        .map(metricOf)
        .join(', ')})`,
  );
  return [
    warning(
      `${cluster}: hidden by Istio: ${what.join('; ')}`,
      `manifests/istio/proxy-stats-matcher.yaml shows them (inclusionSuffixes: ${missing.map(suffixOf).join(', ')}); without them the message says less about why. TLS and ejections are there only where they are in use`,
    ),
  ];
};
