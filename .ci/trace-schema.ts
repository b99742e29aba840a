/** Makes docs/trace.schema.json: `node .ci/trace-schema.ts --write`; without it, fails when the file is stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { TraceJson } from '../src/stages/compose/trace-json.ts';

const text = z.string();
const milliseconds = z.number().min(0);
const whole = z.number().int().min(0);

const part = z.strictObject({
  service: text.describe(
    'Whose time it is: the service itself, the caller of the way between two, or whom a call waits for that has no spans of its own',
  ),
  operation: text,
  selfMs: milliseconds.describe('On the critical path, without what is below'),
  share: z.number().min(0).max(1).describe('Of the focus'),
  calls: whole,
  usualMs: milliseconds.nullable().describe('Median in normal traces; null where there are fewer than five'),
  usualCalls: z.number().min(0).nullable().describe('The same of its calls'),
  time: z
    .enum(['own', 'between', 'peer'])
    .describe("The service's own work; the way of a call to its callee and back; waiting for whom no span tells"),
});

/** The published shape of `edgewise trace --json`. */
export const traceSchema = z
  .strictObject({
    traceId: text
      .regex(/^(?:[0-9a-f]{32}|[\w.:-]{1,64})$/)
      .describe('32 lower-case hexadecimal digits; a word as it was given where ids were made up by hand'),
    durationMs: milliseconds.describe('From the first start to the last end'),
    focus: z
      .strictObject({ service: text, operation: text, durationMs: milliseconds })
      .describe('The span that everything is measured against: the call of --edge, else the longest root'),
    attempts: whole.describe('Tries of that call; 1 where it was not tried again'),
    usualMs: milliseconds
      .nullable()
      .describe('How long it takes in normal traces: the median; null where there are fewer than five'),
    comparedWith: whole.describe('Normal traces'),
    spans: whole.describe('As received, before repair'),
    services: z.array(text).describe('In the order of their names'),
    criticalPath: z.array(part).describe('By call path, longest first; together exactly the focus'),
    culprit: part.nullable().describe('The part that explains most, with a lead; null where there is none'),
    spread: z.boolean().describe('The time is spread over several parts, so that there is no culprit'),
    errorOrigin: z
      .strictObject({ service: text, operation: text, spanId: text })
      .nullable()
      .describe('The deepest failing span that no failing child explains'),
    problems: z
      .array(
        z.strictObject({
          code: z.enum([
            'missing-parent',
            'several-roots',
            'cycle',
            'clock-skew',
            'duplicate-span',
            'shared-ids',
            'no-start',
            'no-duration',
            'no-kind',
            'no-service',
            'outlives-parent',
            'malformed-span',
            'truncated',
          ]),
          count: whole,
        }),
      )
      .describe('What was repaired, or is odd; by count, most first'),
    sentence: text,
  })
  .describe('What a trace says, as `edgewise trace --json` prints it. Of a file with several traces it prints an array of these');

/** The schema and the type say the same, in both directions that the compiler can see. */
const agrees = (trace: TraceJson): z.input<typeof traceSchema> => trace as z.input<typeof traceSchema>;
// For the compiler alone.
void agrees;

const file = 'docs/trace.schema.json';
const schemaText = (): string => `${JSON.stringify(z.toJSONSchema(traceSchema), null, 2)}\n`;

if (process.argv[1]?.endsWith('trace-schema.ts')) {
  if (process.argv.includes('--write')) writeFileSync(file, schemaText());
  else if (readFileSync(file, 'utf8') !== schemaText()) {
    process.stderr.write(`${file} is stale; run \`npm run schema\`\n`);
    process.exitCode = 1;
  }
}
