import { existsSync, readFileSync } from 'node:fs';
import { type Command, entries } from './config/entries.ts';
import { type FileConfig, type FileSource, labelTest, matcherOf, readFileConfig } from './config/file.ts';
import { distance, type Mistake, masked } from './config/mistakes.ts';
import type { Matcher } from './domain/promql.ts';
import type { Routing } from './domain/routing.ts';

export { type Command, envExample } from './config/entries.ts';
export { formatMistakes, type Mistake } from './config/mistakes.ts';

/** How one source is reached; the shape of `SourceSettings` without its name. */
export type SourceConfig = FileSource & { readonly bearerToken?: string; readonly password?: string };

export type ClusterConfig = {
  readonly name: string;
  readonly match: string;
  readonly mesh: 'istio' | 'ambient' | 'linkerd';
  readonly prometheus: SourceConfig;
  readonly rules: SourceConfig;
  readonly alertmanager: SourceConfig | null;
  readonly pinned: readonly Matcher[];
  readonly renames: { readonly metrics: Readonly<Record<string, string>>; readonly labels: Readonly<Record<string, string>> };
};

type Listener = { readonly host: string; readonly port: number };

/** Everything configured, checked. */
export type Config = {
  readonly clusters: readonly ClusterConfig[];
  readonly clusterLabel: string;
  readonly querySeconds: number;
  readonly slack: {
    readonly botToken: string;
    readonly appToken: string | null;
    readonly channel: string;
    readonly pictureChannel: string | null;
    readonly apiUrl: string;
    readonly workspace: string;
  };
  readonly webhook: {
    readonly listen: Listener;
    readonly bearer: readonly string[];
    readonly basic: readonly string[];
    readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
    readonly trustedProxies: readonly string[];
    readonly maxBodyBytes: number;
  };
  readonly operations: Listener;
  readonly database: { readonly url: string; readonly caFile: string | null } | null;
  readonly dataDir: string;
  readonly links: {
    readonly grafanaUrl: string | null;
    readonly serviceDashboardUid: string | null;
    readonly kialiUrl: string | null;
    readonly hosts: readonly string[];
  };
  readonly routing: Routing;
  readonly timeZone: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly hasPictures: boolean;
  readonly proxy: { readonly httpProxy: string | null; readonly httpsProxy: string | null; readonly noProxy: string | null };
  /** Values that no log may show. */
  readonly secrets: readonly string[];
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Back ends that want signatures or OAuth, and the bridge that gives them. */
const bridges: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)aps-workspaces\..*\.amazonaws\.com$/, 'Amazon Managed Prometheus needs SigV4: run aws-sigv4-proxy and point to it'],
  [
    /\.prometheus\.monitor\.azure\.com$/,
    'Azure Monitor needs OAuth: run its authentication proxy (aad-auth-proxy) and point to it',
  ],
  [
    /(^|\.)monitoring\.googleapis\.com$/,
    'Google Managed Prometheus needs OAuth: run its frontend (prometheus-engine/frontend) and point to it',
  ],
];

const bridgeMistake = (name: string, url: string): readonly Mistake[] => {
  const found = bridges.find(([host]) => host.test(new URL(url).hostname));
  return found ? [{ name, given: JSON.stringify(url), expected: found[1], example: null }] : [];
};

/** A value, or the content of the file that NAME_FILE names. */
const settingValue = (
  env: Environment,
  name: string,
  isSecret: boolean,
): { readonly value: string | null; readonly mistake: Mistake | null } => {
  const direct = env[name];
  const file = isSecret ? env[`${name}_FILE`] : undefined;
  if (direct !== undefined && direct !== '')
    return {
      value: direct,
      mistake:
        file === undefined ? null : { name, given: 'set twice', expected: `either ${name} or ${name}_FILE`, example: null },
    };
  if (file === undefined || file === '') return { value: null, mistake: null };
  if (!existsSync(file))
    return {
      value: null,
      mistake: {
        name: `${name}_FILE`,
        given: JSON.stringify(file),
        expected: 'a file that can be read',
        example: `/etc/edgewise/${name.toLowerCase()}`,
      },
    };
  return { value: readFileSync(file, 'utf8').trim(), mistake: null };
};

const typos = (env: Environment): readonly Mistake[] => {
  const known = entries.flatMap(({ name, isSecret }) => (isSecret ? [name, `${name}_FILE`] : [name]));
  return Object.keys(env)
    .filter(
      (name) => !known.includes(name) && /^(PROMETHEUS|SLACK|WEBHOOK|ALERTMANAGER|RULES|DATABASE|GRAFANA|KIALI)_/.test(name),
    )
    .flatMap((name) => {
      const near = known.find((candidate) => distance(name, candidate) <= 2);
      return near === undefined ? [] : [{ name, given: 'not a setting', expected: `did you mean ${near}?`, example: null }];
    });
};

type Values = ReadonlyMap<string, unknown>;

const readEntries = (
  env: Environment,
  command: Command,
  hasFileClusters: boolean,
): { readonly values: Values; readonly mistakes: readonly Mistake[]; readonly secrets: readonly string[] } => {
  const values = new Map<string, unknown>();
  const mistakes: Mistake[] = [...typos(env)];
  const secrets: string[] = [];
  for (const { name, schema, expected, example, fallback, isSecret, neededBy } of entries) {
    const { value, mistake } = settingValue(env, name, isSecret);
    if (mistake) mistakes.push(mistake);
    const text = value ?? fallback;
    if (text === null) {
      const isNeeded = neededBy.includes(command) && !(name === 'PROMETHEUS_URL' && hasFileClusters);
      if (isNeeded && mistake === null) mistakes.push({ name, given: null, expected, example });
      continue;
    }
    const parsed = schema.safeParse(text);
    if (parsed.success) values.set(name, parsed.data);
    else mistakes.push({ name, given: masked(text, isSecret), expected, example });
    if (isSecret && value !== null) secrets.push(...value.split(/[,\s]+/));
  }
  return { values, mistakes, secrets };
};

const sourceFrom = (values: Values, name: string): SourceConfig | null => {
  const read = (part: string): string | undefined => values.get(`${name}_${part}`) as string | undefined;
  const url = read('URL');
  if (url === undefined) return null;
  const optional = {
    bearerToken: read('BEARER_TOKEN'),
    username: read('USERNAME'),
    password: read('PASSWORD'),
    tenant: read('TENANT'),
    caFile: read('CA_FILE'),
    certFile: read('CERT_FILE'),
    keyFile: read('KEY_FILE'),
  };
  return {
    url,
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as Partial<SourceConfig>),
  };
};

const clustersFrom = (values: Values, file: FileConfig | null): readonly ClusterConfig[] => {
  if (file?.clusters) {
    return file.clusters.map(({ name, match, mesh, prometheus, rules, alertmanager, matchers, metrics, labels }) => ({
      name,
      match: match ?? name,
      mesh,
      prometheus,
      rules: rules ?? prometheus,
      alertmanager: alertmanager ?? null,
      pinned: matchers.map(matcherOf),
      renames: { metrics, labels },
    }));
  }
  const prometheus = sourceFrom(values, 'PROMETHEUS');
  if (prometheus === null) return [];
  const name = String(values.get('CLUSTER'));
  return [
    {
      name,
      match: name,
      mesh: values.get('MESH') as 'istio',
      prometheus,
      rules: sourceFrom(values, 'RULES') ?? prometheus,
      alertmanager: sourceFrom(values, 'ALERTMANAGER'),
      pinned: [],
      renames: { metrics: {}, labels: {} },
    },
  ];
};

const routingFrom = (values: Values, file: FileConfig | null): Routing => ({
  rules: (file?.routing?.rules ?? []).map(({ matchers, channel, mention }) => ({
    matches: labelTest(matchers),
    channel,
    mention: mention ?? null,
  })),
  allowedChannels: file?.routing?.allowedChannels ?? [],
  owners: (file?.owners ?? []).map(({ namespace, service, name, channel }) => ({
    namespace,
    service: service ?? null,
    name,
    channel: channel ?? null,
  })),
  defaultChannel: String(values.get('SLACK_CHANNEL') ?? ''),
  mentions: Object.fromEntries(
    Object.entries(file?.routing?.mentions ?? {}).filter(([, mention]) => mention !== undefined),
  ) as Routing['mentions'],
});

const assemble = (values: Values, file: FileConfig | null, env: Environment, secrets: readonly string[]): Config => {
  const text = (name: string): string | null => (values.get(name) as string | undefined) ?? null;
  const list = (name: string): readonly string[] => (values.get(name) as readonly string[] | undefined) ?? [];
  const [certFile, keyFile, database] = [text('TLS_CERT_FILE'), text('TLS_KEY_FILE'), text('DATABASE_URL')];
  return {
    clusters: clustersFrom(values, file),
    clusterLabel: String(values.get('CLUSTER_LABEL')),
    querySeconds: Number(values.get('QUERY_SECONDS')),
    slack: {
      botToken: text('SLACK_BOT_TOKEN') ?? '',
      appToken: text('SLACK_APP_TOKEN'),
      channel: text('SLACK_CHANNEL') ?? '',
      pictureChannel: text('SLACK_PICTURE_CHANNEL'),
      apiUrl: String(values.get('SLACK_API_URL')),
      workspace: String(values.get('WORKSPACE')),
    },
    webhook: {
      listen: values.get('LISTEN') as Listener,
      bearer: list('WEBHOOK_TOKENS'),
      basic: list('WEBHOOK_BASIC'),
      tls: certFile !== null && keyFile !== null ? { certFile, keyFile } : null,
      trustedProxies: list('TRUSTED_PROXIES'),
      maxBodyBytes: Number(values.get('MAX_BODY_BYTES')),
    },
    operations: values.get('OPS_LISTEN') as Listener,
    database: database === null ? null : { url: database, caFile: text('DATABASE_CA_FILE') },
    dataDir: String(values.get('DATA_DIR')),
    links: {
      grafanaUrl: text('GRAFANA_URL'),
      serviceDashboardUid: text('GRAFANA_SERVICE_DASHBOARD'),
      kialiUrl: text('KIALI_URL'),
      hosts: [...list('LINK_HOSTS'), ...(file?.linkHosts ?? [])],
    },
    routing: routingFrom(values, file),
    timeZone: String(values.get('TIME_ZONE')),
    logLevel: values.get('LOG_LEVEL') as Config['logLevel'],
    hasPictures: values.get('PICTURES') === true,
    proxy: {
      httpProxy: env['HTTP_PROXY'] ?? env['http_proxy'] ?? null,
      httpsProxy: env['HTTPS_PROXY'] ?? env['https_proxy'] ?? null,
      noProxy: env['NO_PROXY'] ?? env['no_proxy'] ?? null,
    },
    secrets,
  };
};

const crossMistakes = (config: Config): readonly Mistake[] => [
  ...config.clusters.flatMap(({ prometheus, rules, alertmanager }) => [
    ...bridgeMistake('PROMETHEUS_URL', prometheus.url),
    ...(rules.url === prometheus.url ? [] : bridgeMistake('RULES_URL', rules.url)),
    ...(alertmanager ? bridgeMistake('ALERTMANAGER_URL', alertmanager.url) : []),
  ]),
];

/** Reads every setting that `command` uses; all mistakes at once. */
export const readSettings = (
  env: Environment,
  command: Command,
): { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly mistakes: readonly Mistake[] } => {
  const path = env['CONFIG_FILE'];
  const isMissing = path !== undefined && path !== '' && !existsSync(path);
  const read = path === undefined || path === '' || isMissing ? null : readFileConfig(readFileSync(path, 'utf8'));
  const file = read?.ok ? read.file : null;
  const { values, mistakes, secrets } = readEntries(env, command, file?.clusters !== undefined);
  const all = [
    ...mistakes,
    ...(isMissing
      ? [
          {
            name: 'CONFIG_FILE',
            given: JSON.stringify(path),
            expected: 'a file that can be read',
            example: '/etc/edgewise/edgewise.yaml',
          },
        ]
      : []),
    ...(read && !read.ok ? read.mistakes : []),
  ];
  if (all.length > 0) return { ok: false, mistakes: all };
  const config = assemble(values, file, env, secrets);
  const cross = crossMistakes(config);
  return cross.length > 0 ? { ok: false, mistakes: cross } : { ok: true, config };
};
