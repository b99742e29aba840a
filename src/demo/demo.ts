import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolder } from '../commands/inputs.ts';
import { nearOf } from '../domain/near.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { type Interrupt, listenForInterrupt } from './interrupt.ts';
import { type Scenario, scenarioNamed, scenarios } from './mesh/faults.ts';
import { EngineMissing } from './stack.ts';
import { channel, type Started, type Stops, say, startAll } from './start.ts';

export type DemoOptions = {
  readonly scenario: string;
  readonly list?: boolean;
  readonly once?: boolean;
  readonly out: string;
  readonly port?: string;
};

const messageWithinMs = 180_000;
const pictureWithinMs = 60_000;
const waterfallWithinMs = 10_000;
const healthyMs = 15_000;

const rootOf = (workspace: Workspace) =>
  workspace
    .messages(channel)
    .find(({ threadTs, ephemeralFor, blocks }) => threadTs === null && ephemeralFor === null && blocks.length > 0);

/** A verdict has come, not only the first words at 2.5 s. */
const isWhole = (workspace: Workspace): boolean => JSON.stringify(rootOf(workspace)?.blocks ?? []).includes('First check');

/** The root's own thread: one fault may raise alerts of several edges, each with a root of its own. */
const threadOf = (workspace: Workspace) => {
  const root = rootOf(workspace);
  return workspace.messages(channel).filter(({ threadTs }) => root !== undefined && threadTs === root.ts);
};

const picturesOf = (workspace: Workspace) =>
  threadOf(workspace)
    .flatMap(({ files }) => files)
    .flatMap((id) => workspace.file(id) ?? []);

/** Writes the message with its thread, and the pictures. Gives the names of the files. */
const save = (workspace: Workspace, out: string): readonly string[] => {
  const root = rootOf(workspace);
  const thread = threadOf(workspace);
  const message = { text: root?.text, blocks: root?.blocks, thread };
  writeFileSync(join(out, 'message.json'), `${JSON.stringify(message, null, 2)}\n`);
  const pictures = picturesOf(workspace);
  for (const { name, bytes } of pictures) writeFileSync(join(out, name), bytes);
  return ['message.json', ...pictures.map(({ name }) => name)];
};

/** The one message that the demo is about; throws with the bot's last words when it ends or says nothing. */
const breakAndWait = async ({ workspace, live, bot }: Started, scenario: Scenario, interrupt: Interrupt): Promise<void> => {
  say(`\nThe mesh is healthy. In ${healthyMs / 1000} s it breaks: ${scenario.says}.`);
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, healthyMs);
  });
  await Promise.race([waited, interrupt.asked]);
  clearTimeout(timer);
  interrupt.signal.throwIfAborted();
  live.breakIt(scenario);
  const startedMs = performance.now();
  say('Broken. Prometheus scrapes, the rule fires, Alertmanager calls, Edgewise answers ...');
  const over = Promise.race([bot.ended, interrupt.asked]).then(() => false);
  const found = await Promise.race([workspace.until(() => isWhole(workspace), messageWithinMs), over]);
  interrupt.signal.throwIfAborted();
  if (!found) throw new Error(`No message came. The last words of Edgewise:\n${bot.lastLines().slice(-12).join('\n')}`);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  say(`\nAfter ${seconds} s:\n\n    ${(rootOf(workspace)?.text ?? '').replaceAll('\n', '\n    ')}\n`);
  await Promise.race([workspace.until(() => picturesOf(workspace).length > 0, pictureWithinMs), over]);
  // The worst request is drawn too, where its trace was found.
  await Promise.race([workspace.until(() => picturesOf(workspace).length > 1, waterfallWithinMs), over]);
  interrupt.signal.throwIfAborted();
};

const run = async (
  scenario: Scenario,
  port: number,
  options: DemoOptions,
  folder: string,
  stops: Stops,
  interrupt: Interrupt,
) => {
  const started = await startAll(folder, port, stops, interrupt.signal);
  say(`\nOpen ${started.workspace.url} to watch.`);
  await breakAndWait(started, scenario, interrupt);
  if (options.once) {
    const saved = save(started.workspace, options.out);
    say(`Saved in ${options.out}: ${saved.join(', ')}`);
    if (saved.length === 1) say('The picture did not come in time.');
    return saved.length === 1 ? 1 : 0;
  }
  say(`Open ${started.workspace.url}; try \`/mesh why checkout → payments\` or \`/mesh stat\` there. Ctrl-C ends everything.`);
  await Promise.race([interrupt.asked, started.bot.ended]);
  interrupt.signal.throwIfAborted();
  throw new Error(`Edgewise ended by itself:\n${started.bot.lastLines().slice(-12).join('\n')}`);
};

/** What went wrong in words for the terminal, and the exit code: 2 when other words on the command line would help. */
const explained = (error: unknown, port: number): { readonly words: string; readonly exitCode: number } => {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (syscall === 'listen' && (code === 'EADDRINUSE' || code === 'EACCES'))
    return {
      words: `Port ${port} of the page ${code === 'EACCES' ? 'may not be used by you' : 'is taken, perhaps by another demo'}: name another with --port, or 0 for any free one`,
      exitCode: 2,
    };
  return { words: error instanceof EngineMissing ? `The demo needs a real engine: ${message}` : String(message), exitCode: 1 };
};

const complain = (words: string): void => {
  process.stderr.write(`${words}\n`);
};

/** A port from the command line; null when it is none. */
const portFrom = (text: string): number | null => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : null);

const unknownScenario = (name: string): string => {
  const names = scenarios.map((scenario) => scenario.name);
  const [near] = nearOf(name, names, 1);
  return `There is no scenario ${JSON.stringify(name)}${near === undefined ? '.' : `; did you mean ${near}?`} There are: ${names.join(', ')}`;
};

/** What is wrong with the words on the command line; null when nothing is. Makes the folder that is written to in the end. */
const mistakeIn = ({ scenario, port, once, out }: DemoOptions): string | null => {
  if (scenarioNamed(scenario) === null) return unknownScenario(scenario);
  if (port !== undefined && portFrom(port) === null) return `--port must be a number from 0 to 65535, not ${port}`;
  try {
    if (once) openFolder(out);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};

/** Runs `work` with a folder of its own; when it ends, however it ends, what it started and the folder are gone. */
const withFolder = async (work: (folder: string, stops: Stops) => Promise<number>): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-demo-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  // Also when a closed pipe ends this process from elsewhere.
  process.once('exit', remove);
  const stops: Stops = [];
  try {
    return await work(folder, stops);
  } finally {
    for (const stop of stops.toReversed()) await stop().catch(() => undefined);
    remove();
    process.off('exit', remove);
  }
};

/** The whole bot on real engines against a simulated mesh. Gives the exit code; leaves nothing running and nothing behind. */
export const demo = async (options: DemoOptions): Promise<number> => {
  if (options.list) {
    for (const { name, says } of scenarios) say(`${name.padEnd(20)} ${says}`);
    return 0;
  }
  const scenario = scenarioNamed(options.scenario);
  const mistake = mistakeIn(options);
  if (scenario === null || mistake !== null) {
    complain(mistake ?? '');
    return 2;
  }
  const port = portFrom(options.port ?? (options.once ? '0' : '4180')) ?? 0;
  const interrupt = listenForInterrupt(() => say('\nStopping ...'));
  try {
    return await withFolder(async (folder, stops) => {
      try {
        return await run(scenario, port, options, folder, stops, interrupt);
      } catch (error) {
        // Ctrl-C is how the demo is meant to end; with --once it means that there is no message.
        if (interrupt.signal.aborted) return options.once ? interrupt.exitCode() : 0;
        const { words, exitCode } = explained(error, port);
        complain(`\n${words}`);
        return exitCode;
      }
    });
  } finally {
    interrupt.end();
  }
};
