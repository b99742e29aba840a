/** Makes docs/report.schema.json: `node .ci/report-schema.ts --write`; without it, fails when the file is stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { ReportJson } from '../src/stages/compose/json.ts';
import { traceSchema } from './trace-schema.ts';

const text = z.string();
const end = z.strictObject({ namespace: text.nullable(), workload: text.nullable(), service: text.nullable() });
const edge = z.strictObject({ source: end, destination: end });

const finding = z.strictObject({
  rule: text.describe('Name of the rule; templates/advice/<rule>.md explains it'),
  side: z.enum([
    'caller',
    "caller's proxy",
    'network/TLS',
    "callee's proxy",
    'callee application',
    "callee's dependency",
    'policy',
    'nothing wrong',
  ]),
  confidence: z.enum(['clear', 'likely', 'possible']),
  sentence: text,
  evidence: z.array(text),
  firstCheck: text,
  command: text.nullable().describe('A shell command of safe names only, or null'),
  object: text.nullable().describe('The object to look at, such as "DestinationRule shop/payments"'),
  at: edge.describe('The edge where the walk downstream ended'),
});

const found = z.discriminatedUnion('way', [
  z.strictObject({ way: z.literal('exemplar'), of: z.number().describe('Exemplars there were to choose from') }),
  z.strictObject({
    way: z.literal('search'),
    of: z.number().describe('Traces there were to choose from'),
    isCut: z.boolean().describe('The store stopped at a limit: there may be worse ones'),
  }),
  z.strictObject({ way: z.literal('id') }),
]);

const tracing = z
  .strictObject({
    source: text.describe('The trace store as messages name it'),
    store: z.enum(['jaeger', 'tempo', 'zipkin']),
    lookedFor: z
      .enum(['errors', 'latency'])
      .describe('Whether a request that failed or was refused was looked for, or a slow one'),
    worst: traceSchema
      .extend({ found, mayBeIncomplete: z.boolean() })
      .nullable()
      .describe('The worst request; null where none was found'),
    exemplars: z
      .enum(['storage-off', 'none-in-window', 'none-written', 'none-known', 'no-id', 'not-kept', 'not-asked'])
      .nullable()
      .describe('Why exemplars led to no trace; null where one did'),
    tracesSeen: z.number().describe('Traces of the edge that the store told of in the window'),
    mayHoldMore: z.boolean().describe('The store may hold more traces of the edge than it told of'),
    mayStillCome: z.boolean().describe('An exemplar names a trace so young that the store may not have it yet'),
    propagation: z
      .array(
        z.strictObject({
          service: text,
          verdict: z.enum(['hands on', 'some paths', 'drops', 'cannot tell']),
          inbound: z.number().describe('Traces that it was called in'),
          outbound: z.number().describe('Traces with calls of it that tell how it came to them'),
          both: z.number().describe('Of those outbound, the ones that go on with what it got'),
          halves: z.number().describe('Of those that do not, the ones whose request id it had got by another trace: the proof'),
          broken: z
            .array(z.strictObject({ operation: text, traces: z.number(), of: z.number() }))
            .describe('Calls that begin traces of their own, most often first'),
          headers: z.array(text).describe('What it must hand on'),
        }),
      )
      .describe('Whoever at the ends of the edge does not hand trace headers on'),
    sampling: z
      .strictObject({ from: z.enum(['sampler', 'configured', 'counted']), rate: z.number(), low: z.number(), high: z.number() })
      .nullable()
      .describe('Share of requests whose traces are kept, 0–1, with bounds; null where a trace was found, or it is not known'),
    expected: z
      .strictObject({
        requests: z.number().describe('As metrics counted them'),
        sampled: z.number().describe('Traces that they leave'),
        sampledLow: z.number(),
        sampledHigh: z.number(),
        wanted: z.number().describe('Requests that failed or were refused'),
        chance: z.number().describe('That at least one of them left a trace'),
      })
      .nullable()
      .describe('How many traces of the wanted kind the sampling leaves, and the chance of at least one'),
  })
  .describe('What traces tell of the edge; absent where no trace store is configured, or it gave no answer');

/** The published shape of `edgewise triage --json`. */
export const reportSchema = z
  .strictObject({
    version: z.literal(1),
    at: z.iso.datetime().describe('The moment every "now" of the report means'),
    cluster: text,
    alerts: z
      .array(z.strictObject({ fingerprint: text, alertname: text.nullable(), status: z.enum(['firing', 'resolved']) }))
      .describe(
        'The alerts this report answers, by fingerprint. A body about several subjects is printed as an array of reports, one a subject',
      ),
    subject: z.enum(['edge', 'workload', 'node', 'control-plane', 'no-data', 'low-traffic', 'plain']),
    edge: edge.nullable().describe('The edge the alert is about'),
    located: z.strictObject({
      way: z.enum(['labels', 'expression', 'rules-api', 'largest-contributor', 'walk', 'self-made', 'command', 'none']),
      score: z.number().min(0).max(1),
      how: text,
      runnerUp: z.strictObject({ source: end, destination: end, score: z.number() }).nullable(),
    }),
    verdict: finding.nullable(),
    summary: text,
    findings: z.array(finding),
    notes: z
      .array(z.strictObject({ name: text, sentence: text, evidence: z.array(text), advice: text }))
      .optional()
      .describe('Noticed beside the findings, such as dropped trace headers; absent where there is none'),
    ruledOut: z.array(text),
    signals: z.array(
      z.strictObject({
        signal: z.enum(['latency', 'traffic', 'errors', 'saturation']),
        moved: z.boolean().nullable().describe('null: could not be told, `why` says why'),
        now: text,
        usual: text.nullable(),
        change: text.nullable(),
        why: text.nullable(),
        value: z.number().nullable().describe('Requests/s, error ratio 0–1, seconds, or saturation ratio'),
        usualValue: z.number().nullable(),
      }),
    ),
    flags: z.array(
      z.strictObject({
        flag: text,
        meaning: text,
        reporter: z.enum(['caller', 'callee']),
        requests: z.number(),
        share: z.number(),
      }),
    ),
    impact: z
      .strictObject({
        failedPerMinute: z.number(),
        callersAffected: z.number(),
        callers: z.number(),
        ingressAffected: z.boolean().nullable(),
      })
      .nullable(),
    changes: z.array(
      z.strictObject({
        kind: text,
        what: text,
        object: text.nullable(),
        at: text.nullable(),
        relation: z.enum(['explains', 'coincides', 'also changed']),
      }),
    ),
    gaps: z.array(
      z.strictObject({
        what: text,
        source: text,
        reason: z.enum(['timeout', 'unreachable', 'refused', 'too-expensive', 'malformed', 'absent', 'unsupported', 'bug']),
        detail: text,
      }),
    ),
    queries: z.array(z.strictObject({ text, samples: z.number().nullable(), ms: z.number() })),
    tracing: tracing.optional(),
  })
  .describe('A triage report of Edgewise, as `edgewise triage --json` prints it');

/** The schema and the type say the same, in both directions that the compiler can see. */
const agrees = (report: ReportJson): z.input<typeof reportSchema> => report as z.input<typeof reportSchema>;
// For the compiler alone.
void agrees;

const file = 'docs/report.schema.json';
const schemaText = (): string => `${JSON.stringify(z.toJSONSchema(reportSchema), null, 2)}\n`;

if (process.argv[1]?.endsWith('report-schema.ts')) {
  if (process.argv.includes('--write')) writeFileSync(file, schemaText());
  else if (readFileSync(file, 'utf8') !== schemaText()) {
    process.stderr.write(`${file} is stale; run \`npm run schema\`\n`);
    process.exitCode = 1;
  }
}
