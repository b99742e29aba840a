import { z } from 'zod';
import { readPayload } from '../adapters/alertmanager/payload.ts';
import { exchangeSchema } from '../adapters/http/recording.ts';

const names = z.record(z.string(), z.string());

/** What is needed to ask of one cluster again as it was asked. */
const cluster = z.strictObject({
  name: z.string().min(1),
  mesh: z.enum(['istio', 'ambient', 'linkerd']),
  /** Several clusters were configured: then the name of a source says which is meant. */
  isOneOfSeveral: z.boolean().default(false),
  querySeconds: z.number().positive().default(10),
  renames: z.strictObject({ metrics: names, labels: names }).default({ metrics: {}, labels: {} }),
  pinned: z.array(z.strictObject({ label: z.string(), op: z.enum(['=', '!=', '=~', '!~']), value: z.string() })).default([]),
});

const recording = z.strictObject({
  version: z.literal(1),
  atMs: z.number().int().nonnegative(),
  cluster,
  delivery: z.unknown(),
  exchanges: z.array(exchangeSchema),
});

export type RecordedCluster = z.input<typeof cluster>;

/**
 * One incident as the bot met it on the wire: what Alertmanager sent, the moment, and every question to a back end with its answer.
 * Replayed, it goes through the same stages without any engine.
 */
export type Recording = Omit<z.output<typeof recording>, 'delivery'> & {
  /** The body of the webhook. */
  readonly delivery: unknown;
};

/** A recording that cannot be read or made, in words for the person at the terminal. */
export class RecordingError extends Error {}

/** The innermost issue: of the shapes that an exchange may have, the one that it is nearest to. */
const innermost = (issue: z.core.$ZodIssue): { readonly path: readonly PropertyKey[]; readonly message: string } => {
  if (issue.code !== 'invalid_union') return issue;
  const [nearest] = [...issue.errors].filter(([first]) => first !== undefined).sort((a, b) => a.length - b.length);
  if (nearest?.[0] === undefined) return issue;
  const { path, message } = innermost(nearest[0]);
  return { path: [...issue.path, ...path], message };
};

const shortOf = (path: readonly PropertyKey[]): string => path.map((key) => String(key).slice(0, 60)).join('.') || 'the whole';

/** Checks a recording; throws `RecordingError` with the field that is wrong. */
export const recordingOf = (value: unknown): Recording => {
  const parsed = recording.safeParse(value);
  if (!parsed.success) {
    const [issue = { code: 'custom' as const, path: [], message: 'unknown' }] = parsed.error.issues;
    const { path, message } = innermost(issue);
    throw new RecordingError(`is not a recording of version 1 (${shortOf(path)}: ${message})`);
  }
  const { delivery } = parsed.data;
  const read = readPayload(JSON.stringify(delivery ?? null));
  if (!read.ok)
    throw new RecordingError(
      `is not a recording of version 1 (delivery.${read.refusal.field}: ${read.refusal.given}, expected ${read.refusal.expected})`,
    );
  return { ...parsed.data, delivery };
};

/** The cluster with everything that may be left out. */
export const wholeCluster = (given: RecordedCluster): Recording['cluster'] => cluster.parse(given);
