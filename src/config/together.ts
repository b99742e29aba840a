import { isLoopback } from '../adapters/http/loopback.ts';
import { bridgeFor } from './bridges.ts';
import type { Command } from './entry.ts';
import type { FileConfig } from './file.ts';
import { type Mistake, masked } from './mistakes.ts';
import { slackMistakes } from './together-slack.ts';
import type { Values } from './values.ts';

type Listener = { readonly host: string; readonly port: number };

const sources = ['PROMETHEUS', 'RULES', 'ALERTMANAGER', 'TRACES'] as const;

const missing = (name: string, expected: string): Mistake => ({ name, given: null, expected, example: null });

const both = (one: string, other: string): Mistake => ({
  name: `${one} and ${other}`,
  given: 'set both',
  expected: 'only one of the two',
  example: null,
});

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
    ...(isTwice ? [both(`${name}_BEARER_TOKEN`, `${name}_USERNAME`)] : []),
    ...(values.has(`${name}_PASSWORD`) && !values.has(`${name}_USERNAME`)
      ? [missing(`${name}_USERNAME`, `it, because ${name}_PASSWORD is set`)]
      : []),
  ];
};

/** Settings that say more of the trace store at TRACES_URL. */
const ofTraces = ['TRACES_STORE', 'TRACES_UI_URL', 'TRACES_GRAFANA_DATASOURCE', 'TRACES_SAMPLING_PERCENT'] as const;

const kinds = 'jaeger, tempo or zipkin';

const tracesMistakes = (values: Values, file: FileConfig | null): readonly Mistake[] => {
  const orphan = values.has('TRACES_URL') ? undefined : ofTraces.find((name) => values.has(name));
  const inGrafana = values.has('TRACES_GRAFANA_DATASOURCE');
  const store = values.get('TRACES_STORE');
  const byFile = (file?.clusters ?? []).some(({ traces }) => traces?.grafanaDatasource !== undefined);
  const datasource = inGrafana ? 'TRACES_GRAFANA_DATASOURCE' : 'grafanaDatasource in CONFIG_FILE';
  return [
    ...(orphan === undefined ? [] : [missing('TRACES_URL', `it, because ${orphan} is set`)]),
    ...(values.has('TRACES_URL') && store === undefined ? [missing('TRACES_STORE', `${kinds}, because TRACES_URL is set`)] : []),
    ...((inGrafana || byFile) && !values.has('GRAFANA_URL') ? [missing('GRAFANA_URL', `it, because ${datasource} is set`)] : []),
    ...(inGrafana && store !== undefined && store !== 'tempo'
      ? [
          {
            name: 'TRACES_GRAFANA_DATASOURCE',
            given: 'set',
            expected: `it with tempo alone: ${store} has pages of its own`,
            example: null,
          },
        ]
      : []),
    ...(inGrafana && values.has('TRACES_UI_URL') ? [both('TRACES_UI_URL', 'TRACES_GRAFANA_DATASOURCE')] : []),
  ];
};

/** `edgewise trace` with an id cannot do without a trace store. A file that cannot be read may well name one. */
const noStore = (values: Values, file: FileConfig | null): readonly Mistake[] => {
  if (['TRACES_URL', ...ofTraces].some((name) => values.has(name)) || (file === null && values.has('CONFIG_FILE'))) return [];
  if (file?.clusters?.some(({ traces }) => traces !== undefined)) return [];
  if (file?.clusters !== undefined) return [missing('traces of a cluster in CONFIG_FILE', `the url and store (${kinds}) of one`)];
  return [{ ...missing('TRACES_URL', 'the address of a trace store, beside TRACES_STORE'), example: 'http://tempo:3200' }];
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

/** SILENCES=on by itself would switch on nothing, in silence. A file that cannot be read may well say the rest. */
const silencesMistakes = (values: Values, file: FileConfig | null): readonly Mistake[] => {
  if (values.get('SILENCES') !== 'on' || (file === null && values.has('CONFIG_FILE'))) return [];
  const hasAlertmanager =
    file?.clusters?.some(({ alertmanager }) => alertmanager !== undefined) ?? values.has('ALERTMANAGER_URL');
  return [
    ...(file?.roles?.silence === undefined
      ? [missing('roles.silence in CONFIG_FILE', 'whom it allows to (users, groups or channels by id), because SILENCES is on')]
      : []),
    ...(hasAlertmanager
      ? []
      : [
          missing(
            file?.clusters === undefined ? 'ALERTMANAGER_URL' : 'alertmanager of a cluster in CONFIG_FILE',
            'where silences are made, because SILENCES is on',
          ),
        ]),
  ];
};

const fileAndVariables = (values: Values, file: FileConfig | null): readonly Mistake[] => [
  ...['PROMETHEUS_URL', 'TRACES_URL'].flatMap((name) =>
    file?.clusters !== undefined && values.has(name) ? [both(name, 'clusters in CONFIG_FILE')] : [],
  ),
  ...(file?.routing?.default !== undefined && values.has('SLACK_CHANNEL')
    ? [both('SLACK_CHANNEL', 'routing.default in CONFIG_FILE')]
    : []),
];

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
    ...slackMistakes(values, file, command),
    ...tracesMistakes(values, file),
    ...(command === 'trace' ? noStore(values, file) : []),
    ...silencesMistakes(values, file),
    ...fileAndVariables(values, file),
  ].filter(({ name }) => !refused.has(name) && !refused.has(`${name}_FILE`));
