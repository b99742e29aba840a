/** `npm run lab`: breaks a mesh of real Envoys, and compares what the bot says with what was done. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenForInterrupt } from '../../src/demo/interrupt.ts';
import { engine } from '../../src/demo/stack.ts';
import { findZipkin, zipkinVersion } from '../support/trace-engines.ts';
import { faults, slice } from './faults/index.ts';
import type { Fault } from './lab.ts';
import { findEnvoy } from './mesh/binary.ts';
import { boardText, progressLine } from './stack/board.ts';
import { truthPage } from './stack/markdown.ts';
import { type LabOptions, OptionsError, readOptions, usage, usualEnvoy } from './stack/options.ts';
import { versionOf } from './stack/prometheus.ts';
import { type FaultResult, isRight, type LabRun, type SimulatedMeshes } from './stack/result.ts';
import { outcomeOf } from './stack/slice.ts';
import { runFaults } from './stack/slots.ts';

const root = new URL('../..', import.meta.url).pathname;
const pageFile = join(root, 'docs', 'truth.md');
const scenarios = join(root, 'test', 'scenarios', 'lab');

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const commit = (): string => {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
};

const saved = <T>(file: string | null): T | null => (file === null ? null : (JSON.parse(readFileSync(file, 'utf8')) as T));

const writePage = (run: LabRun, { other, simulated }: LabOptions): void => {
  const page = truthPage({ run, otherEnvoy: saved<LabRun>(other), simulated: saved<SimulatedMeshes>(simulated) });
  const headings = (text: string): readonly string[] => [...text.matchAll(/^## [^:\n]+/gm)].map(([heading]) => heading);
  const lost = headings(existsSync(pageFile) ? readFileSync(pageFile, 'utf8') : '').filter(
    (line) => !headings(page).includes(line),
  );
  writeFileSync(pageFile, page);
  say(`Written: ${pageFile}`);
  if (lost.length > 0) say(`No longer there, for want of --simulated or --other: ${lost.join(', ')}`);
};

const listed = (): string =>
  faults.map(({ name, says, kind }) => `${name.padEnd(34)} ${kind === 'fault' ? '' : `(${kind}) `}${says}`).join('\n');

/** A version that the lab knows, or the path of a program. */
const envoyFor = async (named: string): Promise<{ readonly path: string; readonly version: string }> => {
  const isPath = named.includes('/');
  const found = isPath ? await findEnvoy('', { environment: { EDGEWISE_ENVOY: named } }) : await findEnvoy(named);
  if ('missing' in found) throw new Error(isPath ? `${named} is no Envoy that runs here` : found.missing);
  return found;
};

/** Zipkin's archive; null where it is not wanted, or cannot be had, which is said. The lab fetches what it needs, as it does Envoy. */
const zipkinFor = async ({ hasTraces }: LabOptions): Promise<string | null> => {
  if (!hasTraces) return null;
  process.env['EDGEWISE_FETCH'] ??= '1';
  const found = await findZipkin();
  if ('path' in found) return found.path;
  say(`\n*** NO TRACES: ${found.missing}. The proxies tell their spans, and nobody keeps them. ***\n`);
  return null;
};

/** Why a slice cannot run; null where it can. Whoever names a program means it, and hears of it as an error. */
const skippedFor = async ({ isSlice, envoy }: LabOptions): Promise<string | null> => {
  if (!isSlice || envoy !== usualEnvoy || process.env['EDGEWISE_ENVOY']) return null;
  const found = await findEnvoy(envoy);
  return 'missing' in found ? found.missing : null;
};

/** Keeps what has come so far, so that an interrupted hour is not lost. */
type Keep = (run: LabRun) => void;

const keepIn = ({ out }: LabOptions): Keep => {
  if (out === null) return () => undefined;
  mkdirSync(out, { recursive: true });
  return (run) => writeFileSync(join(out, 'results.json'), `${JSON.stringify(run, null, 2)}\n`);
};

const runAll = async (
  wanted: readonly Fault[],
  options: LabOptions,
  signal: AbortSignal,
  folder: string,
  keep: Keep,
): Promise<LabRun> => {
  const startedMs = performance.now();
  // Before anything is recorded into the checkout.
  const edgewise = commit();
  const envoy = await envoyFor(options.envoy);
  const prometheus = await versionOf(await engine('prometheus', () => undefined, signal));
  const alertmanager = await versionOf(await engine('alertmanager', () => undefined, signal));
  say(
    `${wanted.length} faults, ${options.slots} side by side: Envoy ${envoy.version}, Prometheus ${prometheus}, Alertmanager ${alertmanager}`,
  );
  const zipkin = await zipkinFor(options);
  const order = new Map(wanted.map(({ name }, index) => [name, index]));
  const results: FaultResult[] = [];
  const again: string[] = [];
  const soFar = (): LabRun => ({
    version: 1,
    at: new Date().toISOString(),
    minutes: (performance.now() - startedMs) / 60_000,
    versions: { envoy: envoy.version, prometheus, alertmanager, edgewise, ...(zipkin === null ? {} : { zipkin: zipkinVersion }) },
    again,
    results: results.toSorted((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0)),
  });
  await runFaults(wanted, {
    slots: options.slots,
    firstIndex: options.firstIndex,
    envoy: envoy.path,
    zipkin,
    folder,
    scenarios: options.isRecording ? scenarios : null,
    signal,
    onAgain: ({ name, lagMs }) => {
      again.push(name);
      say(`        ${name}: run again later, the machine was busy (timers ${lagMs} ms late)`);
    },
    onResult: (result, isSaved) => {
      results.push(result);
      keep(soFar());
      say(`${progressLine(result, results.length, wanted.length)}${isSaved ? '  (recorded)' : ''}`);
    },
  });
  return soFar();
};

const wantedFaults = ({ faults: named, isSlice }: LabOptions): readonly Fault[] => {
  const names = isSlice ? slice : named;
  return names.length === 0 ? faults : faults.filter(({ name }) => names.includes(name));
};

/** What went wrong is tried once more: on a busy machine not every wrong answer is the bot's. */
const triedTwice = async (run: LabRun, options: LabOptions, signal: AbortSignal, folder: string): Promise<LabRun> => {
  const wrong = new Set(run.results.filter((result) => !isRight(result)).map(({ name }) => name));
  if (wrong.size === 0 || signal.aborted) return run;
  say(`\nOnce more: ${[...wrong].join(', ')}`);
  const second = await runAll(
    faults.filter(({ name }) => wrong.has(name)),
    options,
    signal,
    folder,
    () => undefined,
  );
  const kept = run.results.filter(({ name }) => !wrong.has(name));
  return {
    ...run,
    minutes: run.minutes + second.minutes,
    again: [...new Set([...(run.again ?? []), ...(second.again ?? [])])],
    results: [...kept, ...second.results],
  };
};

/** Whether the run shows what it should. */
const passes = ({ results }: LabRun, { isSlice }: LabOptions): boolean => {
  if (!isSlice) return results.every(isRight);
  const outcome = outcomeOf(results);
  for (const words of outcome.words) say(words);
  return outcome.passes;
};

const lab = async (options: LabOptions): Promise<number> => {
  const wanted = wantedFaults(options);
  const interrupt = listenForInterrupt(() => say('\nStopping ...'));
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-lab-'));
  const keep = keepIn(options);
  try {
    const first = await runAll(wanted, options, interrupt.signal, folder, keep);
    const run = options.isSlice ? await triedTwice(first, options, interrupt.signal, folder) : first;
    if (interrupt.signal.aborted) return interrupt.exitCode();
    say(boardText(run));
    keep(run);
    if (options.isWriting || wanted.length === faults.length) writePage(run, options);
    return passes(run, options) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    interrupt.end();
  }
};

const main = async (): Promise<number> => {
  const options = readOptions(
    process.argv.slice(2),
    faults.map(({ name }) => name),
  );
  if (options.isList) {
    say(listed());
    return 0;
  }
  const skipped = await skippedFor(options);
  if (skipped !== null) {
    say(`SKIPPED: the lab of real proxies, ${slice.length} faults: ${skipped}`);
    return 0;
  }
  const earlier = saved<LabRun>(options.page);
  if (earlier === null) return lab(options);
  writePage(earlier, options);
  return 0;
};

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof OptionsError) process.stderr.write(`\n${usage}`);
    process.exitCode = error instanceof OptionsError ? 2 : 1;
  },
);
