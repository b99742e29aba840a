import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeRecording } from '../../../src/recording/folder.ts';
import type { Fault } from '../lab.ts';
import type { Looked } from './messages.ts';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * Saves the first root of a fault, or else the first answer, as a scenario that `npm test` replays: what passed on the wire, the truth, the
 * message; of several that the root told the one that is graded. What the bot got wrong is written down as a miss. False when nothing was
 * said, or the replay says something else.
 */
export const saveScenario = (home: string, fault: Fault, looked: readonly Looked[]): boolean => {
  const first = looked.find(({ recorded, errors }) => recorded !== null && errors.length === 0);
  if (first === undefined || first.recorded === null) return false;
  const { recorded, graded } = first;
  const folder = join(home, fault.name);
  mkdirSync(folder, { recursive: true });
  writeRecording(folder, recorded.recording);
  const miss = graded.grade.isRight ? {} : { miss: graded.grade.why.join('; ') };
  writeFileSync(join(folder, 'truth.json'), json({ ...fault.truth, kind: fault.kind, ...miss }));
  writeFileSync(join(folder, 'slack.json'), json(recorded.message));
  return true;
};
