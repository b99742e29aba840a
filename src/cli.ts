import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { jsonLog, redact } from './adapters/system/log.ts';
import { type AskOptions, askCommand } from './commands/ask.ts';
import { type DigestOptions, digestCommand } from './commands/digest.ts';
import { feedbackCommand } from './commands/feedback.ts';
import { type RecordOptions, recordCommand } from './commands/record.ts';
import { rulesCommand } from './commands/rules.ts';
import { sloCheckCommand } from './commands/slo.ts';
import { traceCommand } from './commands/trace.ts';
import { print, UsageError, watchOutput } from './commands/usage.ts';
import { settingsFor, triageCommand } from './commands.ts';
import { secretsIn } from './config.ts';
import { doctor } from './doctor.ts';
import { SourceError } from './domain/gathered.ts';
import { serve } from './main.ts';
import { openStore } from './wiring.ts';

const serveCommand = async (): Promise<void> => {
  const config = settingsFor('serve');
  const log = jsonLog(config.logLevel, config.secrets);
  for (const refusal of config.objectives.refused) log('warn', 'an objective of another tool is left out', refusal);
  for (const notice of config.objectives.notices) log('info', 'to know of an objective', notice);
  const running = await serve(config, process.env, log);
  const ended = new Promise<null>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve(null));
  });
  process.on('unhandledRejection', (error) => log('error', 'unhandled rejection', { error }));
  const error = await Promise.race([ended, running.lost]);
  if (error) {
    log('error', 'the store broke: ending, so that whoever watches this process starts it again', { error });
    process.exitCode = 1;
  }
  log('info', 'stopping', {});
  await running.stop();
};

/** Behind an option that is not ours the parser hands ours on as words. */
const withoutOwn = (words: readonly string[]): readonly string[] => words.filter((word) => word !== '--json');

/** `trace worst checkout payments` */
const askTrace = (words: readonly string[], { cluster, json, out }: Parameters<typeof traceCommand>[1]): Promise<void> => {
  const where = cluster === undefined ? [] : ['--cluster', cluster];
  const how = { ...(json === undefined ? {} : { json }), ...(out === undefined ? {} : { out }) };
  return askCommand(['trace', ...words, ...where], how, settingsFor('ask'));
};

/** As package.json beside the source or the release says it. */
const versionText = (): string => {
  try {
    return String(JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')).version);
  } catch {
    return 'unknown';
  }
};

const program = new Command('edgewise')
  .description('The Slack incident bot for service meshes')
  .version(versionText())
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) });
program.command('serve').description('Receive alerts and post triage messages').action(serveCommand);
program
  .command('triage')
  .description('Run one webhook body through the same stages, and print the report without posting')
  .argument('[file]', 'a webhook body as JSON; - for standard input')
  .option('--json', 'print the report as JSON (docs/report.schema.json)')
  .option('--at <time>', 'the moment that counts as now')
  .option('--out <dir>', 'also write the Slack JSON, the picture and the evidence')
  .option('--replay <folder>', 'replay a folder of `record` or of --out instead of asking')
  .action(triageCommand);
program
  .command('record')
  .description(
    'Run one webhook body as triage does, or a question as why does, and keep every question and answer in a folder that can be replayed elsewhere',
  )
  .argument('[file]', 'a webhook body as JSON; - for standard input')
  .requiredOption('--out <dir>', 'the folder to write')
  .option('--at <time>', 'the moment that counts as now')
  .option('--alert <number>', 'only this alert of the body, counted from 1')
  .option('--why <edge>', 'in place of a body: what /mesh why is asked, such as "checkout payments"')
  .option('--pseudonyms', 'replace every name, and show by a replay that the verdict is still the same')
  .action((file: string | undefined, options: RecordOptions) => recordCommand(settingsFor('triage'), file, options));
program
  .command('trace')
  .description('Say of a trace whose time it was and where an error starts')
  .argument(
    '<trace>',
    'a file with JSON of Jaeger, Zipkin, Tempo or OTLP, of one trace or several (- for standard input; nobody is asked), the id of a trace in the configured store, or words as /mesh trace takes them: worst checkout payments',
  )
  .argument('[words...]')
  .option('--edge <edge>', 'the call to explain, such as checkout/payments; without it the whole request')
  .option('--cluster <name>', 'the cluster whose store is asked for the id; without it all of them')
  .option('--json', 'print it as JSON (docs/trace.schema.json)')
  .option('--out <dir>', 'also write trace.json and the waterfall as a picture')
  .action((given: string, words: readonly string[], options: Parameters<typeof traceCommand>[1]) =>
    words.length > 0 ? askTrace([given, ...words], options) : traceCommand(given, options, () => settingsFor('trace')),
  );
program
  .command('rules')
  .description('List the alert rules that are read, and how their alerts are located')
  .option('--json', 'as JSON')
  .action((options: { readonly json?: boolean }) => rulesCommand(settingsFor('rules'), options));
const slo = program
  .command('slo')
  .description('How objectives (SLOs) stand, how fast their budgets burn, and what spent them, as /mesh slo')
  .argument('[words...]', 'the name of an objective, a service, or an edge; none for all')
  .option('--json', 'as JSON')
  .option('--out <dir>', 'also write the picture')
  .allowUnknownOption()
  .action((words: readonly string[], options: AskOptions) =>
    askCommand(['slo', ...withoutOwn(words)], options, settingsFor('ask')),
  );
slo
  .command('check')
  .description('Say what files of objectives (Edgewise, Sloth, Pyrra, OpenSLO) mean, and what in them is refused')
  .argument('<files...>', 'files, folders or patterns such as slos/*.yaml')
  .option('--json', 'as JSON')
  // `slo` has the option as well, and takes it wherever it stands.
  .action((files: readonly string[], _: unknown, command: Command) =>
    sloCheckCommand(settingsFor('slo'), files, command.optsWithGlobals()),
  );
program
  .command('digest')
  .description('How all objectives stand, as a channel is told in the morning; only shown, never sent')
  .option('--dry-run', 'show it (needed: nothing is sent from here)')
  .option('--json', 'as JSON')
  .option('--at <time>', 'as of this moment (RFC 3339) in place of now')
  .option('--out <dir>', 'also write message.json and the picture')
  .action((options: DigestOptions) => digestCommand(settingsFor('ask'), options));
program
  .command('doctor')
  .description('Check every configured source, what the queries need, and Slack')
  .action(async () => {
    const lines = await doctor(settingsFor('doctor'));
    for (const { mark, text, advice } of lines)
      print(
        `${{ ok: 'ok     ', warning: 'warning', failure: 'FAILURE' }[mark]}  ${text}${advice === null ? '' : `\n         → ${advice}`}`,
      );
    if (lines.some(({ mark }) => mark === 'failure')) process.exitCode = 1;
  });
program
  .command('feedback')
  .description('How often the right edge was named, by what people said on resolution cards')
  .option('--json', 'as JSON')
  .action((options: { readonly json?: boolean }) => {
    const quiet = jsonLog('error', []);
    return feedbackCommand(settingsFor('feedback'), (config) => openStore(config, quiet, () => undefined), options);
  });
const questions = {
  stat: 'Success, requests and latency of edges, as /mesh stat',
  top: 'The worst edges: what fails or is refused most, then what is slowest, as /mesh top',
  flags: 'How requests ended that did not end well, as /mesh flags',
  edges: 'Which edges are secured by mTLS, and between which identities, as /mesh edges',
  routes: 'Success, requests and latency by route, as /mesh routes',
  versions: 'Success, requests and latency by version of a callee, as /mesh versions',
  pods: 'Success, requests and latency by pod of a callee, the worst first, as /mesh pods',
  graph: 'Who calls whom around a workload or an edge, or in a namespace, as /mesh graph',
  diff: 'The same edges so long ago, and what changed by more than chance, as /mesh diff',
  why: 'Triage an edge now, as /mesh why',
  ask: 'Whatever /mesh takes, such as: ask why checkout payments',
};
for (const [verb, says] of Object.entries(questions)) {
  program
    .command(verb)
    .description(says)
    .argument('[words...]')
    .option('--json', 'as JSON')
    .option('--out <dir>', 'also write the picture, where the answer has one')
    .allowUnknownOption()
    .action((words: readonly string[], options: AskOptions) =>
      askCommand([...(verb === 'ask' ? [] : [verb]), ...withoutOwn(words)], options, settingsFor('ask')),
    );
}
/** What is done in Slack alone says so, in place of being no command. */
for (const verb of ['incidents', 'ack', 'unack', 'silence', 'unsilence'])
  program
    .command(verb, { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action((words: readonly string[]) => askCommand([verb, ...words], {}, settingsFor('ask')));
program
  .command('demo')
  .description('The whole bot on real engines against a simulated mesh')
  .option('--scenario <name>', 'which fault to make (--list names them)', 'connection-refused')
  .option('--list', 'list the faults')
  .option('--once', 'exit when the message stands, after saving it')
  .option('--out <dir>', 'where --once saves', 'edgewise-demo')
  .option('--port <port>', 'port of the workspace page; 0: any free one (default: 4180, with --once 0)')
  .addHelpText(
    'after',
    `
Prometheus, promtool and Alertmanager are taken from the paths in EDGEWISE_PROMETHEUS, EDGEWISE_PROMTOOL and
EDGEWISE_ALERTMANAGER, else from PATH, else from Debian's packages (unpacked into ~/.cache/edgewise/engines; no root needed),
else from the official releases by pinned version and checksum.`,
  )
  .action(
    async (options: {
      readonly scenario: string;
      readonly list?: boolean;
      readonly once?: boolean;
      readonly out: string;
      readonly port?: string;
    }) => {
      const { demo } = await import('./demo/demo.ts').catch((error: unknown) => {
        // The release is built without it.
        if ((error as { readonly code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
        throw new UsageError('the demo is in a checkout only: npm run demo');
      });
      process.exitCode = await demo(options);
    },
  );

/** What ended the command, in words where we have them; a stack (without secrets) where it is our own fault. */
const ended = (error: unknown): { readonly words: string; readonly exitCode: number } => {
  const { code, exitCode } = error as { readonly code?: string; readonly exitCode?: number };
  // Commander has said already what is wrong with the words; asking for help is nothing wrong.
  if (code?.startsWith('commander.')) return { words: '', exitCode: exitCode === 0 ? 0 : 2 };
  if (error instanceof UsageError) return { words: error.message, exitCode: 2 };
  if (error instanceof SourceError) return { words: `Edgewise cannot go on: ${error.source}: ${error.message}`, exitCode: 1 };
  return { words: error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode: 1 };
};

watchOutput();
try {
  await program.parseAsync(process.argv);
} catch (error) {
  const { words, exitCode } = ended(error);
  if (words !== '') process.stderr.write(`${redact(words, secretsIn(process.env))}\n`);
  process.exitCode = exitCode;
}
