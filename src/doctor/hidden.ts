import type { Dialect } from '../domain/dialect.ts';
import { selector } from '../domain/promql.ts';
import { calleeProxy, callerCluster, callerHttp } from '../stages/measure/counters.ts';
import { type Finding, ok, warning } from './finding.ts';

/** What a counter tells. */
const tells = (name: string): string =>
  name === 'upstream_cx_active'
    ? 'connections in use'
    : name.includes('overflow')
      ? 'overflow'
      : name.includes('ssl_')
        ? 'TLS failures'
        : name.startsWith('outlier_')
          ? 'ejections'
          : name.includes('retry')
            ? 'retries'
            : /^(http|listener)_/.test(name)
              ? "proxies' own answers"
              : 'limits of time';

const isOverflow = (name: string): boolean => name.includes('overflow');

/** What the rules read of both ends' proxies whatever they are configured to do, and saturation: Istio hides it unless a proxyStatsMatcher shows it. */
const everyName: readonly string[] = [
  ...new Set([
    'upstream_cx_active',
    ...callerCluster.filter(isOverflow),
    ...callerCluster.filter((name) => !isOverflow(name)),
    ...callerHttp,
    ...calleeProxy,
  ]),
];

/** TLS and listeners are ztunnel's matter in an ambient mesh, which is no Envoy. */
const namesIn = ({ name: mesh }: Dialect): readonly string[] =>
  mesh === 'ambient' ? everyName.filter((name) => !/^(ssl|listener)_/.test(name)) : everyName;

const isOfCluster = (name: string): boolean => !/^(http|listener)_/.test(name);

/** As Envoy spells it, and so the matcher. */
const suffixOf = (name: string): string => name.replace(/^(http|listener)_/, '').replace(/^(ssl|outlier_detection)_/, '$1.');

/** `xds-grpc` and the like are always there and prove nothing; a waypoint's way to its services is `inbound-vip`. */
const ofApplications = { label: 'cluster_name', op: '=~', value: '(outbound|inbound-vip).*' } as const;

const metricOf = (name: string): string => (isOfCluster(name) ? `envoy_cluster_${name}` : `envoy_${name}`);

/** One count each. */
export const hiddenParts = (dialect: Dialect): readonly (readonly [string, string])[] =>
  namesIn(dialect).map((name) => [name, selector(metricOf(name), isOfCluster(name) ? [ofApplications] : [])]);

/** Which of the hidden statistics are shown. */
export const hiddenOf = (cluster: string, dialect: Dialect, counts: ReadonlyMap<string, number>): readonly Finding[] => {
  const missing = namesIn(dialect).filter((name) => (counts.get(name) ?? 0) === 0);
  if (missing.length === 0) return [ok(`${cluster}: Envoy's hidden statistics are shown`)];
  const what = [...new Set(missing.map(tells))].map(
    (told) =>
      `${told} (${missing
        .filter((name) => tells(name) === told)
        .map(metricOf)
        .join(', ')})`,
  );
  const suffixes = [...new Set(missing.map(suffixOf))];
  return [
    warning(
      `${cluster}: hidden by Istio: ${what.join('; ')}`,
      `manifests/istio/proxy-stats-matcher.yaml shows them (inclusionSuffixes: ${suffixes.join(', ')}); without them the message says less about why. TLS and ejections are there only where they are in use`,
    ),
  ];
};
