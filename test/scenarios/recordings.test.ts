import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { questionText } from '../../src/adapters/http/recording.ts';
import type { Answer } from '../../src/answer.ts';
import { hasRecording, readRecording } from '../../src/recording/folder.ts';
import { replayRecording } from '../../src/replay.ts';
import type { Fault, Truth } from '../lab/lab.ts';
import { grade, type Said } from '../lab/stack/grade.ts';
import { saidOf } from '../lab/stack/said.ts';

/**
 * Exchanges with real metric engines, replayed without any. `lab`: a mesh of real proxies, broken at one place; `wire`: the demo's mesh
 * (`node .ci/record-wire.ts`). GOLDEN=1 writes the messages anew; what is asked of Prometheus anew needs a new recording.
 */
const homes = { lab: 'test/scenarios/lab', wire: 'test/scenarios/wire' };

/** Beside what is true: what the bot is known to say instead, in the words of the grade. Then it must be wrong in this and in nothing else. */
type Told = Truth & { readonly kind: Fault['kind']; readonly miss?: string };

const foldersOf = (home: string): readonly string[] =>
  readdirSync(home, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() && hasRecording(join(home, entry.name)) ? [join(home, entry.name)] : [],
  );

const truthFile = (folder: string): string => join(folder, 'truth.json');
const truthOf = (folder: string): Told => JSON.parse(readFileSync(truthFile(folder), 'utf8')) as Told;

type Replayed = { readonly answers: readonly Answer[]; readonly missing: readonly string[]; readonly near: readonly string[] };

const replay = async (folder: string): Promise<Replayed> => {
  const [missing, near]: [string[], string[]] = [[], []];
  const answers = await replayRecording(readRecording(folder), (asked, isNearlyAnswered) =>
    (isNearlyAnswered ? near : missing).push(questionText(asked)),
  );
  return { answers, missing, near };
};

const first = new Map<string, Promise<Replayed>>();

/** Each folder is replayed once for all that is asked of it; the same bytes are asked of a second time. */
const replayed = (folder: string): Promise<Replayed> => {
  const known = first.get(folder) ?? replay(folder);
  first.set(folder, known);
  return known;
};

/** The lab names services; a workload is called like its service, perhaps with a version. */
const serviceOf = (name: string): string => name.replace(/-v\d+$/, '');

/** A question is about no alert. */
const wayTo = ({ evidence }: Answer): Said['way'] => (evidence.alerts.length > 0 ? 'alert' : 'asked');

/** What is wrong in one of the messages of a fault. What they must say between them is graded where all are: by the lab. */
const wrongIn = (answer: Answer, truth: Told): readonly string[] =>
  grade(truth.kind, truth, saidOf({ way: wayTo(answer), about: '' }, answer.message, answer, serviceOf)).why;

/** A miss that is none any more must not stay written down as one, and another must be written by a person. */
const withMiss = (folder: string, { miss: _, ...truth }: Told, miss: string): void =>
  writeFileSync(truthFile(folder), `${JSON.stringify({ ...truth, ...(miss === '' ? {} : { miss }) }, null, 2)}\n`);

/** Compares with the recorded message; GOLDEN=1 writes it anew. */
const golden = (folder: string, index: number, value: unknown): void => {
  const path = join(folder, index === 0 ? 'slack.json' : `slack-${index + 1}.json`);
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (process.env['GOLDEN'] === '1') writeFileSync(path, text);
  expect(text).toBe(existsSync(path) ? readFileSync(path, 'utf8') : '(not recorded: run with GOLDEN=1)');
};

const told = Object.values(homes).map((home) => ({ home, folders: foldersOf(home) }));

describe.each(told)('exchanges recorded in $home, replayed', ({ folders }) => {
  it('are there: a home without them would let every miss pass', () => expect(folders.length).toBeGreaterThanOrEqual(2));

  it.each(folders)('%s: every question is in the recording, or was asked then without its newest parts', async (folder) => {
    const { answers, missing, near } = await replayed(folder);
    if (near.length > 0) process.stdout.write(`${folder}: ${near.length} questions have new parts since it was recorded\n`);
    expect(missing, 'what is asked has changed: record it anew (wire: node .ci/record-wire.ts)').toEqual([]);
    expect(answers.length).toBeGreaterThan(0);
  });

  it.each(folders)('%s: every verdict is true, or a miss that is known', async (folder) => {
    const truth = truthOf(folder);
    const { answers } = await replayed(folder);
    expect(answers.length).toBeGreaterThan(0);
    const why = answers.flatMap((answer) => wrongIn(answer, truth)).join('; ');
    if (truth.miss !== undefined && process.env['GOLDEN'] === '1') withMiss(folder, truth, why);
    else expect(why, 'GOLDEN=1 writes what became of a known miss').toBe(truth.miss ?? '');
  });

  it.each(folders)('%s: the message is as recorded, byte for byte, twice', async (folder) => {
    const { answers, missing } = await replayed(folder);
    // A message with gaps of a stale recording is no golden one.
    expect(missing).toEqual([]);
    for (const [index, { message }] of answers.entries()) golden(folder, index, message);
    expect(JSON.stringify((await replay(folder)).answers.map(({ message }) => message))).toBe(
      JSON.stringify(answers.map(({ message }) => message)),
    );
  });
});
