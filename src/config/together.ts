import { isLoopback } from '../adapters/http/loopback.ts';
import { bridgeFor } from './bridges.ts';
import type { Command } from './entries.ts';
import type { FileConfig } from './file.ts';
import { type Mistake, masked } from './mistakes.ts';
import type { Values } from './values.ts';

type Listener = { readonly host: string; readonly port: number };

const sources = ['PROMETHEUS', 'RULES', 'ALERTMANAGER'] as const;

const missing = (name: string, expected: string): Mistake => ({ name, given: null, expected, example: null });

const needsPair = (values: Values, one: string, other: string): readonly Mistake[] => {
  if (values.has(one) === values.has(other)) return [];
  return values.has(one) ? [missing(other, `it, because ${one} is set`)] : [missing(one, `it, because ${other} is set`)];
};

/** A source's settings that make sense only together. */
const sourceMistakes = (values: Values, name: string): readonly Mistake[] => {
  const bridge = values.has(`${name}_URL`) ? bridgeFor(String(values.get(`${name}_URL`))) : null;
  const isTwice = values.has(`${name}_BEARER_TOKEN`) && values.has(`${name}_USERNAME`);
  return [
    ...(bridge === null
      ? []
      : [{ name: `${name}_URL`, given: masked(String(values.get(`${name}_URL`)), false), expected: bridge, example: null }]),
    ...needsPair(values, `${name}_CERT_FILE`, `${name}_KEY_FILE`),
    ...(isTwice
      ? [{ name: `${name}_BEARER_TOKEN and ${name}_USERNAME`, given: 'set both', expected: 'only one of the two', example: null }]
      : []),
    ...(values.has(`${name}_PASSWORD`) && !values.has(`${name}_USERNAME`)
      ? [missing(`${name}_USERNAME`, `it, because ${name}_PASSWORD is set`)]
      : []),
  ];
};

/** Both ports, and the door: without a credential the webhook is for this machine alone. */
const listenerMistakes = (values: Values): readonly Mistake[] => {
  const [listen, ops] = [values.get('LISTEN') as Listener | undefined, values.get('OPS_LISTEN') as Listener | undefined];
  const isOpen =
    listen !== undefined && !isLoopback(listen.host) && !values.has('WEBHOOK_TOKENS') && !values.has('WEBHOOK_BASIC');
  const isSame = listen !== undefined && listen.port !== 0 && listen.port === ops?.port && listen.host === ops.host;
  return [
    ...needsPair(values, 'TLS_CERT_FILE', 'TLS_KEY_FILE'),
    ...(isOpen
      ? [
          missing(
            'WEBHOOK_TOKENS',
            `a credential, because LISTEN (${listen.host}) is reached from elsewhere; or listen on 127.0.0.1`,
          ),
        ]
      : []),
    ...(isSame
      ? [{ name: 'OPS_LISTEN', given: 'the port of LISTEN', expected: 'a port of its own', example: '127.0.0.1:9091' }]
      : []),
  ];
};

const fileAndVariables = (values: Values, file: FileConfig | null): readonly Mistake[] => {
  const both = (name: string, path: string): Mistake => ({
    name: `${name} and ${path} in CONFIG_FILE`,
    given: 'set both',
    expected: 'only one of the two',
    example: null,
  });
  return [
    ...(file?.clusters !== undefined && values.has('PROMETHEUS_URL') ? [both('PROMETHEUS_URL', 'clusters')] : []),
    ...(file?.routing?.default !== undefined && values.has('SLACK_CHANNEL') ? [both('SLACK_CHANNEL', 'routing.default')] : []),
  ];
};

/** Mistakes that no single setting shows. `refused` names settings that are wrong by themselves: nothing more is said about those. */
export const mistakesTogether = (
  values: Values,
  file: FileConfig | null,
  command: Command,
  refused: ReadonlySet<string>,
): readonly Mistake[] =>
  [
    ...sources.flatMap((name) => sourceMistakes(values, name)),
    ...(command === 'serve' ? listenerMistakes(values) : []),
    ...fileAndVariables(values, file),
  ].filter(({ name }) => !refused.has(name) && !refused.has(`${name}_FILE`));
