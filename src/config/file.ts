import { RE2JS } from 're2js';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { type Labels, labelOf } from '../domain/alert.ts';
import type { LabelTest } from '../domain/routing.ts';
import type { Mistake } from './mistakes.ts';

const url = z.url({ protocol: /^https?$/ });
const source = z.strictObject({
  url,
  bearerTokenFile: z.string().optional(),
  username: z.string().optional(),
  passwordFile: z.string().optional(),
  tenant: z.string().optional(),
  caFile: z.string().optional(),
  certFile: z.string().optional(),
  keyFile: z.string().optional(),
});

/** `team="x"`, `severity=~"a|b"`: one label against one value, as Alertmanager writes matchers. */
const matcher = z
  .string()
  .regex(
    /^\s*[a-zA-Z_][a-zA-Z0-9_.]*\s*(=~|!~|!=|=)\s*("[^"]*"|[^"\s]*)\s*$/,
    'a matcher such as team="payments" or severity=~"page|critical"',
  );
const channel = z.string().regex(/^(#?[a-z0-9._-]{1,80}|[CG][A-Z0-9]{6,})$/, 'a channel name or id');
const mention = z
  .string()
  .regex(/^<(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!here|!channel)>$/, 'a mention by id, such as <!subteam^S012ABC>');

/** The YAML file of a larger installation. Unknown keys are mistakes: a typo must not switch something off in silence. */
const fileSchema = z.strictObject({
  clusters: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        /** Value of the cluster label, when it differs from the name. */
        match: z.string().optional(),
        mesh: z.enum(['istio', 'ambient', 'linkerd']).default('istio'),
        prometheus: source,
        rules: source.optional(),
        alertmanager: source.optional(),
        /** Added to every selector: several clusters may share one source. */
        matchers: z.array(matcher).default([]),
        metrics: z.record(z.string(), z.string()).default({}),
        labels: z.record(z.string(), z.string()).default({}),
      }),
    )
    .optional(),
  routing: z
    .strictObject({
      rules: z.array(z.strictObject({ matchers: z.array(matcher).min(1), channel, mention: mention.optional() })).default([]),
      allowedChannels: z.array(channel).default([]),
      mentions: z.strictObject({ page: mention.optional(), warning: mention.optional(), info: mention.optional() }).default({}),
    })
    .optional(),
  owners: z
    .array(
      z.strictObject({ namespace: z.string(), service: z.string().optional(), name: z.string(), channel: channel.optional() }),
    )
    .default([]),
  linkHosts: z.array(z.string()).default([]),
});

export type FileConfig = z.output<typeof fileSchema>;
export type FileSource = z.output<typeof source>;

const parts = /^\s*([a-zA-Z_][a-zA-Z0-9_.]*)\s*(=~|!~|!=|=)\s*"?([^"]*?)"?\s*$/;

/** A matcher as text, taken apart. */
export const matcherOf = (
  text: string,
): { readonly label: string; readonly op: '=' | '!=' | '=~' | '!~'; readonly value: string } => {
  const [, label = '', op = '=', value = ''] = parts.exec(text) ?? [];
  return { label, op: op as '=', value };
};

/** All matchers must hold; a missing label is empty; regular expressions run anchored on RE2, which cannot be made to hang (design decision 12). */
export const labelTest = (matchers: readonly string[]): LabelTest => {
  const tests = matchers.map((text): LabelTest => {
    const { label, op, value } = matcherOf(text);
    const read = (labels: Labels): string => labelOf(labels, label) ?? '';
    if (op === '=') return (labels) => read(labels) === value;
    if (op === '!=') return (labels) => read(labels) !== value;
    const pattern = RE2JS.compile(`^(?:${value})$`);
    const found = (labels: Labels): boolean => pattern.matcher(read(labels)).find();
    return op === '=~' ? found : (labels) => !found(labels);
  });
  return (labels) => tests.every((test) => test(labels));
};

const badPatterns = (file: FileConfig): readonly Mistake[] =>
  (file.routing?.rules ?? []).flatMap(({ matchers }, index) =>
    matchers.flatMap((text) => {
      try {
        labelTest([text]);
        return [];
      } catch {
        return [
          {
            name: `CONFIG_FILE routing.rules.${index}.matchers`,
            given: JSON.stringify(text),
            expected: 'a regular expression that RE2 takes (no look-ahead, no back-reference)',
            example: 'severity=~"page|critical"',
          },
        ];
      }
    }),
  );

/** Reads the file's text; every mistake with its path and line. */
export const readFileConfig = (
  text: string,
): { readonly ok: true; readonly file: FileConfig } | { readonly ok: false; readonly mistakes: readonly Mistake[] } => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: 'core' });
  const [broken] = document.errors;
  if (broken)
    return {
      ok: false,
      mistakes: [
        {
          name: `CONFIG_FILE line ${lines.linePos(broken.pos[0]).line}`,
          given: 'not YAML',
          expected: broken.message.split('\n')[0] ?? 'YAML',
          example: null,
        },
      ],
    };
  const value: unknown = document.toJS() ?? {};
  const parsed = fileSchema.safeParse(value);
  if (parsed.success) {
    const mistakes = badPatterns(parsed.data);
    return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, file: parsed.data };
  }
  return {
    ok: false,
    mistakes: parsed.error.issues.map((issue): Mistake => {
      const node = document.getIn(issue.path, true) as { range?: [number, number, number] } | undefined;
      const line = node?.range ? ` (line ${lines.linePos(node.range[0]).line})` : '';
      const given: unknown = document.getIn(issue.path);
      return {
        name: `CONFIG_FILE ${issue.path.join('.') || 'the whole'}${line}`,
        given: given === undefined ? null : JSON.stringify(String(given).slice(0, 60)),
        expected: issue.message,
        example: null,
      };
    }),
  };
};
