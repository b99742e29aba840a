import { z } from 'zod';
import { readPayload } from '../adapters/alertmanager/payload.ts';
import { exchangeSchema } from '../adapters/http/recording.ts';
import type { AlertGroup } from '../domain/alert.ts';
import { readQuestion } from '../domain/question-text.ts';
import { sourceName, storeNames } from '../domain/source-name.ts';

const names = z.record(z.string(), z.string());

const texts = z.array(z.string()).readonly();
const histogram = z.strictObject({
  metric: z.string(),
  unit: z.enum(['seconds', 'milliseconds']),
  caller: texts,
  callee: texts,
  errors: z.strictObject({ label: z.string(), begins: texts }).nullable(),
});

/** How traces were asked for (`TraceShape`). */
const traces = z.strictObject({
  store: z.enum(['jaeger', 'tempo', 'zipkin']),
  seconds: z.number().positive().max(3600),
  exemplarLabels: texts.nullable().default(null),
  exemplarMetrics: z.array(histogram).readonly().default([]),
  samplingRatio: z.number().positive().max(1).nullable().default(null),
});

/** What is needed to ask of one cluster again as it was asked. */
const cluster = z.strictObject({
  name: z.string().min(1),
  mesh: z.enum(['istio', 'ambient', 'linkerd']),
  /** Several clusters were configured: then the name of a source says which is meant. */
  isOneOfSeveral: z.boolean().default(false),
  querySeconds: z.number().positive().max(3600).default(10),
  renames: z.strictObject({ metrics: names, labels: names }).default({ metrics: {}, labels: {} }),
  pinned: z.array(z.strictObject({ label: z.string(), op: z.enum(['=', '!=', '=~', '!~']), value: z.string() })).default([]),
  /** Null: no trace store was configured, or nobody recorded its answers yet. */
  traces: traces.nullable().default(null),
});

/** The end of the last year that RFC 3339 can write. */
const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const recording = z.strictObject({
  version: z.literal(1),
  atMs: z.number().int().nonnegative().max(lastMs),
  cluster,
  delivery: z.unknown().optional(),
  question: z.string().optional(),
  exchanges: z.array(exchangeSchema),
});

export type RecordedCluster = z.input<typeof cluster>;

/** What set off the run: the body of a webhook, or what a person asked of an edge (`why checkout → payments`), alert or not. */
export type Asked =
  | { readonly delivery: unknown; readonly question?: never }
  | { readonly question: string; readonly delivery?: never };

/**
 * One incident as the bot met it on the wire: what it was asked, the moment, and every question to a back end with its answer. Replayed, it
 * goes through the same stages without any engine.
 */
export type Recording = Omit<z.output<typeof recording>, 'delivery' | 'question'> & Asked;

/** A recording that cannot be read or made, in words for the person at the terminal. */
export class RecordingError extends Error {}

const wrong = (field: string, given: string, expected: string): RecordingError =>
  new RecordingError(`${field}: ${given}, ${expected}`);

/** The innermost issue: of the shapes that an exchange may have, the one that it is nearest to. */
const innermost = (issue: z.core.$ZodIssue): { readonly path: readonly PropertyKey[]; readonly message: string } => {
  if (issue.code !== 'invalid_union') return issue;
  const [nearest] = [...issue.errors].filter(([first]) => first !== undefined).sort((a, b) => a.length - b.length);
  if (nearest?.[0] === undefined) return issue;
  const { path, message } = innermost(nearest[0]);
  return { path: [...issue.path, ...path], message };
};

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (Object(inner) as Record<PropertyKey, unknown>)[key], value);

/** What was given, short. */
const described = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return value === null ? 'null' : 'an object';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
};

/** Zod says "Invalid input: expected string, received undefined". */
const wanted = (message: string): string => {
  const [, expected] = /\bexpected (.*?)(?:, received .*)?$/s.exec(message) ?? [];
  return (expected === undefined ? message : `expected ${expected}`).slice(0, 200);
};

const shortOf = (path: readonly PropertyKey[]): string => path.map((key) => String(key).slice(0, 60)).join('.') || 'the whole';

/** One subject is some thirty questions, and a body of very many alerts is recorded one by one (`--alert`). */
const mostExchanges = 5000;

/** Counted before any is looked at: of each that is wrong there would be an issue. */
const refuseMany = (value: unknown): void => {
  const exchanges = at(value, ['exchanges']);
  if (Array.isArray(exchanges) && exchanges.length > mostExchanges)
    throw wrong('exchanges', described(exchanges), `expected at most ${mostExchanges}`);
};

/** Alertmanager nests four deep; JSON.stringify goes no deeper than the stack. */
const deepest = 32;

const isTooDeep = (root: unknown): boolean => {
  let level: readonly unknown[] = [root];
  for (let depth = 0; depth <= deepest && level.length > 0; depth += 1)
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  return level.length > 0;
};

/** The alerts of a recorded body. Throws `RecordingError` with the field that is wrong. */
export const groupOf = (delivery: unknown): AlertGroup => {
  if (isTooDeep(delivery)) throw wrong('delivery', `nested more than ${deepest} deep`, 'expected the body of a webhook');
  const read = readPayload(JSON.stringify(delivery ?? null));
  if (read.ok) return read.group;
  const { field, given, expected } = read.refusal;
  throw wrong(`delivery.${field}`, given, `expected ${expected}`);
};

/** Checks what set off the run: exactly one of the two. */
const askedOf = ({ delivery, question }: { readonly delivery?: unknown; readonly question?: string | undefined }): Asked => {
  if (question === undefined) {
    if (delivery === undefined) throw wrong('delivery', 'nothing', 'expected the body of a webhook, or a question in its place');
    groupOf(delivery);
    return { delivery };
  }
  if (delivery !== undefined) throw wrong('question', 'given beside a delivery', 'expected one of the two');
  if (readQuestion(question).kind !== 'why')
    throw wrong('question', described(question), 'expected what is asked of an edge, such as "why checkout → payments"');
  return { question };
};

const parsedOf = (value: unknown): Recording => {
  refuseMany(value);
  const parsed = recording.safeParse(value);
  if (!parsed.success) {
    const [issue = { code: 'custom' as const, path: [], message: 'unknown' }] = parsed.error.issues;
    const { path, message } = innermost(issue);
    throw wrong(shortOf(path), described(at(value, path)), wanted(message));
  }
  const { delivery, question, ...rest } = parsed.data;
  return { ...rest, ...askedOf({ delivery, question }) };
};

/** Checks a recording; throws `RecordingError` with the field that is wrong, what was given there, and what is expected. */
export const recordingOf = (value: unknown): Recording => {
  try {
    return parsedOf(value);
  } catch (error) {
    throw error instanceof RecordingError ? new RecordingError(`is not a recording of version 1 (${error.message})`) : error;
  }
};

/** As exchanges name the sources of one cluster; a trace store is not always there. */
export const sourceNames = ({ name, isOneOfSeveral, traces: shape }: Recording['cluster']) => ({
  metrics: sourceName('Prometheus', name, isOneOfSeveral),
  rules: sourceName('Alert rules', name, isOneOfSeveral),
  traces: shape === null ? null : sourceName(storeNames[shape.store], name, isOneOfSeveral),
});

/** The cluster with everything that may be left out. */
export const wholeCluster = (given: RecordedCluster): Recording['cluster'] => cluster.parse(given);
