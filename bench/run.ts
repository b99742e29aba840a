/** `npm run bench [-- NAME… --option value]`: prints what the programs measured as Markdown. Nothing here asserts: a slow machine is no bug. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release } from 'node:os';
import { accept } from './accept.ts';
import { answers } from './answers.ts';
import { digest } from './digest.ts';
import { memory } from './memory.ts';
import { pictures } from './pictures.ts';
import { queries } from './queries.ts';
import { receipt } from './receipt.ts';
import { type Lab, openLab } from './support/lab.ts';
import { figures, type Options, type Program } from './support/table.ts';
import { traceAnalysis } from './trace-analysis.ts';

const programs: readonly Program[] = [queries, receipt, answers, accept, pictures, traceAnalysis, digest, memory];

/** Words are names; `--deliveries 60000` is an option. */
const readWords = (words: readonly string[]) => {
  const names: string[] = [];
  const numbers = new Map<string, number>();
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (!word.startsWith('--')) names.push(word);
    else {
      index += 1;
      numbers.set(word.slice(2), Number(words[index]));
    }
  }
  return { names, numbers };
};

const machine = (): string => {
  const commit = (() => {
    try {
      return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { stdio: ['ignore', 'pipe', 'ignore'] })
        .toString()
        .trim();
    } catch {
      return 'no git';
    }
  })();
  return `${new Date().toISOString().slice(0, 16)}Z, commit ${commit}, Node ${process.versions.node}, Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'CPU'}`;
};

const main = async (): Promise<void> => {
  const { names, numbers } = readWords(process.argv.slice(2));
  const unknown = names.filter((name) => !programs.some((program) => program.name === name));
  if (unknown.length > 0) {
    process.stderr.write(`no such program: ${unknown.join(', ')}; there are ${programs.map(({ name }) => name).join(', ')}\n`);
    process.exitCode = 2;
    return;
  }
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  let lab: Promise<Lab> | null = null;
  const options: Options = {
    number: (name, otherwise) => numbers.get(name) ?? otherwise,
    lab: () => {
      if (lab === null) say("writing eight days of the demo's mesh for a real Prometheus (about a minute)");
      lab ??= openLab();
      return lab;
    },
    say,
  };
  process.stdout.write(`# Edgewise bench\n\n${machine()}\n`);
  const others = (): string =>
    `Load of the machine over the last minute, these programs included: ${(loadavg()[0] ?? 0).toFixed(1)}.`;
  try {
    for (const program of programs) {
      if (names.length > 0 && !names.includes(program.name)) continue;
      const result = await program.run(options);
      process.stdout.write(`\n## ${program.name}: ${program.says}\n\n${figures(result)}\n\n${others()}\n`);
    }
  } finally {
    await (lab as Promise<Lab> | null)?.then(({ stop }) => stop()).catch(() => undefined);
  }
};

await main();
