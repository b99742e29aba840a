import { type Question, questionText } from '../adapters/http/recording.ts';
import type { Answer } from '../answer.ts';
import { edgeKey } from '../domain/edge.ts';
import { type Pseudonymised, pseudonymised } from '../recording/pseudonyms/index.ts';
import type { Recording } from '../recording/shape.ts';
import { replayRecording } from '../replay.ts';
import { UsageError } from './usage.ts';

/** What a verdict is, without its words. `rename`: from the true names to the new ones. */
const verdictOf =
  (rename: (text: string) => string) =>
  ({ evidence: { subject, located }, diagnosis: { verdict } }: Answer): string =>
    JSON.stringify([
      subject.kind,
      located.way,
      verdict === null ? null : [verdict.rule, verdict.side, verdict.confidence, rename(edgeKey(verdict.at))],
    ]);

const refuse = (why: string): never => {
  throw new UsageError(
    `no recording was written: with pseudonyms ${why}. Record without --pseudonyms, and look through it before you share it.`,
  );
};

const shown = 5;
const listed = (texts: readonly string[]): string =>
  `${texts.slice(0, shown).join(', ')}${texts.length > shown ? ` and ${texts.length - shown} more` : ''}`;

const promqlOf = ({ form }: Question): string => form.find(([name]) => name === 'query')?.[1] ?? '';

/**
 * The recording with other names, or a refusal: one that tells something else, or still holds a name, helps nobody. Questions that have got
 * new parts since it was recorded have them under both names.
 */
export const withPseudonyms = async (
  recording: Recording,
  answers: readonly Answer[],
): Promise<Pseudonymised & { readonly answers: readonly Answer[] }> => {
  const made = pseudonymised(recording);
  const { asWords } = made.remains;
  if (asWords.length > 0) refuse(`these names remain: ${listed(asWords)}`);
  const old = new Set<string>();
  await replayRecording(recording, (asked, isNearlyAnswered) => isNearlyAnswered && old.add(made.rename(promqlOf(asked))));
  const missing: Question[] = [];
  const replayed = await replayRecording(made.recording, (asked, isNearlyAnswered) => {
    if (!isNearlyAnswered || !old.has(promqlOf(asked))) missing.push(asked);
  });
  const [first] = missing;
  if (first !== undefined) refuse(`another question is asked, which has no answer (${questionText(first)})`);
  const verdicts = (some: readonly Answer[], rename: (text: string) => string): string => some.map(verdictOf(rename)).join('\n');
  if (verdicts(answers, made.rename) !== verdicts(replayed, (text) => text)) refuse('the verdict is another one');
  return { ...made, answers: replayed };
};

/** What became of the names, for the person at the terminal. */
export const pseudonymText = ({ count, kept, remains }: Pseudonymised): string => {
  const inside = remains.inside.map(({ word, inWord }) => `${word} in ${inWord}`);
  return [
    `${count} words and addresses were replaced, the same by the same; a replay of what is written gives the same verdict.`,
    'Kept: names of metrics and labels, codes, flags, versions, ports, numbers, times, ids of traces, and the alphabetical order of names.',
    ...(kept.length > 0 ? [`Kept too, since they are words of meshes, of PromQL or of alerting: ${kept.join(', ')}`] : []),
    ...(inside.length > 0 ? [`Look at these: a replaced word stands inside a longer one: ${listed(inside)}`] : []),
  ].join('\n');
};
