import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withPseudonyms } from '../../src/commands/pseudonyms.ts';
import { hasRecording, readRecording } from '../../src/recording/folder.ts';
import { type Recording, recordingOf } from '../../src/recording/shape.ts';
import { replayRecording } from '../../src/replay.ts';
import { reportJson } from '../../src/stages/compose/json.ts';

const patience = { timeout: 300_000 };
const home = 'test/scenarios/lab';
const folders = readdirSync(home).filter((name) => hasRecording(join(home, name)));

/** Every figure and every code of a report, in order: all of it but names. */
const figuresOf = (value: unknown): readonly unknown[] => {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return [value];
  return typeof value === 'object' ? Object.values(value as object).flatMap(figuresOf) : [];
};

type Answers = Awaited<ReturnType<typeof replayRecording>>;
const toldBy = (answers: Answers) =>
  answers.map((answer) => {
    const { verdict } = answer.diagnosis;
    // What a question cost is no figure of the incident; questions of other names are other texts.
    const { queries: _, ...report } = reportJson(answer);
    return { rule: verdict?.rule, side: verdict?.side, confidence: verdict?.confidence, figures: figuresOf(report) };
  });

const textOf = ({ delivery, exchanges }: Recording): string => JSON.stringify([delivery, exchanges]);

/** The same incident of somebody whose services are called otherwise; names sort as before. */
const calledOtherwise = (recording: Recording, mark: string): Recording =>
  recordingOf(
    JSON.parse(JSON.stringify(recording).replaceAll('checkout', `checkout${mark}`).replaceAll('payments', `payments${mark}`)),
  );

describe('a recording with pseudonyms', () => {
  const some = folders.filter((_, index) => index % Math.ceil(folders.length / 8) === 0);

  it.each(some)('replays to the same rule and figures: %s', patience, async (name) => {
    const recording = readRecording(join(home, name));
    const before = await replayRecording(recording);
    expect(before.length).toBeGreaterThan(0);
    const { recording: other, answers } = await withPseudonyms(recording, before);
    expect(toldBy(answers)).toEqual(toldBy(before));
    for (const word of ['checkout', 'payments', 'storefront', 'inventory', '127.0.0.2'])
      expect(textOf(other)).not.toContain(`"${word}`);
  });

  it('does so whatever numbers stand in its names, and holds none of them', patience, async () => {
    const [name = ''] = some;
    const recording = readRecording(join(home, name));
    const number = fc.stringMatching(/^[1-9]\d{5,11}$/);
    await fc.assert(
      fc.asyncProperty(number, async (digits) => {
        fc.pre(!textOf(recording).includes(digits));
        const named = calledOtherwise(recording, `-${digits}`);
        const before = await replayRecording(named);
        const { recording: other, answers } = await withPseudonyms(named, before);
        expect(toldBy(answers)).toEqual(toldBy(before));
        expect(textOf(other)).not.toContain(digits);
      }),
      { numRuns: 5 },
    );
  });
});
