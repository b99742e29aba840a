import { type Question, questionText } from '../adapters/http/recording.ts';
import type { Answer } from '../answer.ts';
import { readRecording } from '../recording/folder.ts';
import { RecordingError } from '../recording/shape.ts';
import { replayRecording } from '../replay.ts';
import { UsageError } from './usage.ts';

/** What is wrong with a recording is wrong with what was given. */
const orUsage = <T>(work: () => T): T => {
  try {
    return work();
  } catch (error) {
    throw error instanceof RecordingError ? new UsageError(error.message) : error;
  }
};

const shown = 3;

/** Questions that a recording does not hold, in words. */
const missingText = (missing: readonly Question[]): readonly string[] =>
  missing.length === 0
    ? []
    : [
        `${missing.length} ${missing.length === 1 ? 'question is' : 'questions are'} not in the recording: what asks has changed since. Each is a gap below.`,
        ...missing.slice(0, shown).map((asked) => `  ${asked.source}: ${questionText(asked)}`),
        ...(missing.length > shown ? [`  … and ${missing.length - shown} more`] : []),
      ];

const nearText = (count: number): readonly string[] =>
  count === 0
    ? []
    : [
        `${count} ${count === 1 ? 'question has' : 'questions have'} new parts since it was recorded: of these parts nothing is known.`,
      ];

/** The answers of a recorded folder; what the recording lacks is told on standard error. */
export const replayFolder = async (folder: string): Promise<readonly Answer[]> => {
  const recording = orUsage(() => readRecording(folder));
  const missing: Question[] = [];
  let near = 0;
  const answers = await replayRecording(recording, (asked, isNearlyAnswered) => {
    if (isNearlyAnswered) near += 1;
    else missing.push(asked);
  });
  const lines = [...missingText(missing), ...nearText(near)];
  if (lines.length > 0) process.stderr.write(`${lines.join('\n')}\n`);
  return answers;
};
