import { z } from 'zod';
import { dialects } from '../dialects/index.ts';
import type { TraceStore } from '../domain/tracing.ts';
import { bridgeFor } from './bridges.ts';
import { digestKeys, digestsOf } from './digests-schema.ts';
import { address, hosts } from './kinds.ts';
import { hasGoodPattern, isMatcher } from './matchers.ts';
import { channelPattern, dataSource, mentionPattern } from './patterns.ts';
import { roleKeys, roles } from './roles-schema.ts';
import { workspaceKeys, workspacesOf } from './workspaces-schema.ts';

const name = z.string({ error: 'a name in quotes or without' }).min(1, 'a name');
const url = z
  .string({ error: address.expected })
  .refine((value) => address.schema.safeParse(value).success, { error: address.expected, abort: true })
  .superRefine((value, context) => {
    const bridge = bridgeFor(value);
    if (bridge !== null) context.addIssue({ code: 'custom', message: bridge });
  });
const path = z.string({ error: 'the path of a file' }).min(1, 'the path of a file');

/** One source; secrets only from files, which are read again when they change. */
const sourceShape = z.strictObject({
  url,
  bearerTokenFile: path.optional(),
  username: name.optional(),
  passwordFile: path.optional(),
  tenant: name.optional(),
  caFile: path.optional(),
  certFile: path.optional(),
  keyFile: path.optional(),
  serverName: name.optional(),
});

/** What of a source makes sense only together. */
const together = (given: z.output<typeof sourceShape>, context: z.RefinementCtx): void => {
  const { certFile, keyFile, bearerTokenFile, username, passwordFile } = given;
  const wrong = [
    (certFile === undefined) === (keyFile === undefined) ? null : 'certFile and keyFile together',
    bearerTokenFile === undefined || username === undefined ? null : 'bearerTokenFile or username',
    passwordFile === undefined || username !== undefined ? null : 'username beside passwordFile',
  ];
  for (const message of wrong) if (message !== null) context.addIssue({ code: 'custom', message });
};

const source = sourceShape.superRefine(together);

const stores = ['jaeger', 'tempo', 'zipkin'] as const satisfies readonly TraceStore[];

const percentage = 'a percentage above 0, at most 100';

const tracesShape = sourceShape.extend({
  store: z.enum(stores, { error: 'jaeger, tempo or zipkin' }),
  /** Where people open traces; default: `url`. */
  ui: url.optional(),
  grafanaDatasource: z.string({ error: dataSource.expected }).regex(dataSource.pattern, dataSource.expected).optional(),
  /** What the mesh's own tracing configuration says (Istio: `randomSamplingPercentage`). */
  samplingPercent: z.number(percentage).positive(percentage).max(100, percentage).optional(),
});

/** Tempo is the one without pages of its own. */
const pages = ({ store, ui, grafanaDatasource }: z.output<typeof tracesShape>, context: z.RefinementCtx): void => {
  if (grafanaDatasource === undefined) return;
  if (store !== 'tempo')
    context.addIssue({
      code: 'custom',
      path: ['grafanaDatasource'],
      message: `it with tempo alone: ${store} has pages of its own`,
    });
  else if (ui !== undefined) context.addIssue({ code: 'custom', message: 'ui or grafanaDatasource' });
};

const traces = tracesShape.superRefine(together).superRefine(pages);

const matcher = z
  .string({ error: 'a matcher such as team="payments"' })
  .refine(isMatcher, { error: 'a matcher such as team="payments" or severity=~"page|critical"', abort: true })
  .refine(hasGoodPattern, 'a regular expression that RE2 takes (no look-ahead, no back-reference)');
const channel = z.string({ error: 'a channel name or id, in quotes' }).regex(channelPattern, 'a channel name or id');
const mention = z
  .string({ error: 'a mention by id, such as <!subteam^S012ABC>' })
  .regex(mentionPattern, 'a mention by id, such as <!subteam^S012ABC>');
const metric = z.string({ error: 'a metric name' }).regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, 'a metric name');
const label = z.string({ error: 'a label name' }).regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'a label name');

const clusterShape = z.strictObject({
  name,
  /** Value of the cluster label, when it differs from the name. */
  match: name.optional(),
  mesh: z.enum(['istio', 'ambient', 'linkerd'], { error: 'istio, ambient or linkerd' }).default('istio'),
  prometheus: source,
  rules: source.optional(),
  alertmanager: source.optional(),
  traces: traces.optional(),
  /** Added to every selector: several clusters may share one source. */
  matchers: z.array(matcher, { error: 'a list of matchers' }).default([]),
  metrics: z.record(metric, metric, { error: 'metric names: ours to yours' }).default({}),
  labels: z.record(label, label, { error: 'label names: ours to yours' }).default({}),
});

/** What may be renamed: a name that the queries do not use would do nothing in silence. */
const renames = ({ mesh, metrics, labels }: z.output<typeof clusterShape>, context: z.RefinementCtx): void => {
  const { metrics: ours, labels: codes, views } = dialects[mesh];
  const sides = [views.caller, views.callee];
  const known = {
    metrics: Object.values(ours).filter((name) => name !== null),
    labels: [codes, ...sides.map((view) => view.labels)]
      .flatMap((names) => Object.values(names))
      .concat(sides.flatMap(({ matchers }) => matchers.map((matcher) => matcher.label))),
  };
  for (const [kind, names] of [['metrics', metrics] as const, ['labels', labels] as const])
    for (const from of Object.keys(names))
      if (!known[kind].includes(from))
        context.addIssue({
          code: 'custom',
          path: [kind, from],
          message: `one of ${[...new Set(known[kind])]
            .filter((known) => known !== null)
            .sort()
            .join(', ')} on the left`,
        });
};

const cluster = clusterShape.superRefine(renames);

/** The first index whose value was seen before, as an issue at its path. */
const unique = (clusters: readonly z.output<typeof cluster>[], context: z.RefinementCtx): void => {
  const seen = { name: new Set<string>(), match: new Set<string>() };
  for (const [index, { name: named, match = named }] of clusters.entries()) {
    if (seen.name.has(named))
      context.addIssue({ code: 'custom', path: [index, 'name'], message: 'a name that no other cluster has' });
    else if (seen.match.has(match))
      context.addIssue({ code: 'custom', path: [index, 'match'], message: 'a cluster label value that no other cluster has' });
    seen.name.add(named);
    seen.match.add(match);
  }
};

const routing = z.strictObject({
  rules: z
    .array(z.strictObject({ matchers: z.array(matcher).min(1, 'at least one matcher'), channel, mention: mention.optional() }))
    .default([]),
  /** Where messages go that no rule sends elsewhere; instead of SLACK_CHANNEL. */
  default: channel.optional(),
  allowedChannels: z.array(channel).default([]),
  mentions: z.strictObject({ page: mention.optional(), warning: mention.optional(), info: mention.optional() }).default({}),
});

const owner = z.strictObject({ namespace: name, service: name.optional(), name, channel: channel.optional() });

/** A histogram whose exemplars name traces, beside those that are known. */
const exemplars = z
  .strictObject({
    metric,
    /** Default: by the end of its name. */
    unit: z.enum(['seconds', 'milliseconds'], { error: 'seconds or milliseconds' }).optional(),
    caller: z.array(label, { error: 'a list of label names' }).default([]),
    callee: z.array(label, { error: 'a list of label names' }).default([]),
    errors: z
      .strictObject({
        label,
        begins: z.array(z.string().min(1, 'how a value begins'), { error: 'a list' }).min(1, 'at least one'),
      })
      .optional(),
  })
  .refine(({ caller, callee }) => caller.length + callee.length > 0, {
    error: 'caller or callee: labels that hold the name of one',
  });

/** The YAML file of a larger installation. Unknown keys are mistakes: a typo must not switch something off in silence. */
export const fileSchema = z.strictObject({
  clusters: z.array(cluster).min(1, 'at least one cluster').superRefine(unique).optional(),
  routing: routing.optional(),
  owners: z.array(owner).default([]),
  /** Whose an alert is, where several workspaces are served. */
  workspaces: workspacesOf(matcher, channel).optional(),
  /** Who may acknowledge, silence, ask for a digest. */
  roles: roles.optional(),
  /** Which channels get a digest of their objectives. */
  digests: digestsOf(channel),
  exemplars: z.array(exemplars, { error: 'a list of histograms' }).default([]),
  linkHosts: z
    .array(z.string().refine((host) => hosts.schema.safeParse(host).success, 'a host name; a leading dot means subdomains'))
    .default([]),
});

export type FileConfig = z.output<typeof fileSchema>;
export type FileSource = z.output<typeof source>;
export type FileTraces = z.output<typeof traces>;

/** Every key of the file, for "did you mean". */
export const fileKeys: readonly string[] = [
  ...new Set(
    [fileSchema, cluster, tracesShape, routing, owner, exemplars]
      .flatMap(({ shape }) => Object.keys(shape))
      .concat('channel', 'mention', 'label', 'begins', roleKeys, workspaceKeys, digestKeys),
  ),
].sort();
