import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { questionText } from '../../src/adapters/http/recording.ts';
import type { Answer } from '../../src/answer.ts';
import { calleeName, callerName, edgeOf } from '../../src/domain/edge.ts';
import { hasRecording, readRecording } from '../../src/recording/folder.ts';
import { replayRecording } from '../../src/replay.ts';
import { spoken } from '../../src/stages/compose/spoken.ts';
import type { EdgeName, Fault, Truth } from '../lab/lab.ts';

/**
 * Exchanges with real metric engines, replayed without any. `lab`: a mesh of real proxies, broken at one place; `wire`: the demo's mesh
 * (`node .ci/record-wire.ts`). GOLDEN=1 writes the messages anew; what is asked of Prometheus anew needs a new recording.
 */
const homes = { lab: 'test/scenarios/lab', wire: 'test/scenarios/wire' };

/** Beside what is true: what the bot is known to say instead, and why. Then only the message is held. */
type Told = Truth & { readonly kind: Fault['kind']; readonly miss?: string };

const foldersOf = (home: string): readonly string[] =>
  existsSync(home)
    ? readdirSync(home, { withFileTypes: true }).flatMap((entry) =>
        entry.isDirectory() && hasRecording(join(home, entry.name)) ? [join(home, entry.name)] : [],
      )
    : [];

const truthOf = (folder: string): Told => JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as Told;

const replayed = async (
  folder: string,
): Promise<{ readonly answers: readonly Answer[]; readonly missing: readonly string[] }> => {
  const missing: string[] = [];
  const answers = await replayRecording(readRecording(folder), (asked) => missing.push(questionText(asked)));
  return { answers, missing };
};

/** The lab names services; a workload is called like its service, perhaps with a version. */
const serviceOf = (name: string): string => name.replace(/-v\d+$/, '');

const edgeNamed = ({ evidence, diagnosis }: Answer): EdgeName | null => {
  const edge = diagnosis.verdict?.at ?? evidence.path.at(-1) ?? edgeOf(evidence.subject);
  return edge === null ? null : [serviceOf(callerName(edge)), serviceOf(calleeName(edge))];
};

const expectVerdict = (answer: Answer, { kind, rules, sides, object }: Told): void => {
  const { verdict } = answer.diagnosis;
  if (verdict === null || kind !== 'fault') {
    // Where nothing may be blamed, or too little was seen, no verdict is a right answer.
    if (kind === 'fault') expect(rules).toEqual([]);
    else if (verdict !== null) expect([...rules, 'healthy', 'recovered']).toContain(verdict.rule);
    return;
  }
  expect(rules).toContain(verdict.rule);
  expect(sides).toContain(verdict.side);
  expect(`${verdict.firstCheck.object}\n${verdict.firstCheck.sentence}`).toMatch(new RegExp(object));
};

const expectTruth = (answer: Answer, truth: Told): void => {
  const { edge, orEdges = [], not } = truth;
  if (edge !== null) expect([edge, ...orEdges]).toContainEqual(edgeNamed(answer));
  expectVerdict(answer, truth);
  const said = spoken(answer.message);
  for (const pattern of not) expect(said).not.toMatch(new RegExp(pattern));
};

/** Compares with the recorded message; GOLDEN=1 writes it anew. */
const golden = (folder: string, index: number, value: unknown): void => {
  const path = join(folder, index === 0 ? 'slack.json' : `slack-${index + 1}.json`);
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (process.env['GOLDEN'] === '1') writeFileSync(path, text);
  expect(text).toBe(existsSync(path) ? readFileSync(path, 'utf8') : '(not recorded: run with GOLDEN=1)');
};

it('the recordings of the demo are there', () => expect(foldersOf(homes.wire).length).toBeGreaterThanOrEqual(2));

const told = Object.values(homes).map((home) => {
  const folders = foldersOf(home);
  return { home, folders, skipped: folders.length > 0 ? '' : ' (skipped: it holds no recording)' };
});

describe.each(told)('exchanges recorded in $home, replayed$skipped', ({ folders, skipped }) => {
  if (skipped !== '') it.skip('nothing is there to replay', () => undefined);

  it.each(folders)('%s: every question is in the recording', async (folder) => {
    const { answers, missing } = await replayed(folder);
    expect(missing, 'what is asked has changed: record it anew').toEqual([]);
    expect(answers.length).toBeGreaterThan(0);
  });

  it.each(folders)('%s: the verdict is true', async (folder) => {
    const truth = truthOf(folder);
    const [answer] = (await replayed(folder)).answers;
    if (answer === undefined) expect.unreachable('no answer');
    if (truth.miss === undefined) expectTruth(answer, truth);
    // A miss that is none any more must not stay written down as one.
    else expect(() => expectTruth(answer, truth), `no longer a miss: ${truth.miss}`).toThrow();
  });

  it.each(folders)('%s: the message is as recorded, byte for byte, twice', async (folder) => {
    const { answers } = await replayed(folder);
    for (const [index, { message }] of answers.entries()) golden(folder, index, message);
    expect(JSON.stringify((await replayed(folder)).answers.map(({ message }) => message))).toBe(
      JSON.stringify(answers.map(({ message }) => message)),
    );
  });
});
