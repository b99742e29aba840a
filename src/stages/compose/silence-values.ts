import type { FormProblems, FormValues } from '../../domain/gesture.ts';
import { type NewSilence, type SilenceMatcher, type SilenceProblem, secondsOfDuration } from '../../domain/silence.ts';
import type { EpochMs } from '../../domain/time.ts';

/** Blocks of the form; their ids never change, so that Slack keeps what was typed when the form is drawn again. */
export const silenceBlocks = {
  matchers: 'matchers',
  duration: 'duration',
  ownDuration: 'duration-own',
  comment: 'comment',
  preview: 'preview',
} as const;

/** Slack's shortest documented limit of an option's value (docs.slack.dev, "Option object"). */
const longestValue = 75;

/** FNV-1a, 32 bits: tells a label from the one that stood in its place a minute ago, and guards nothing. */
const fingerprint = (text: string): string => {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
};

/** What stands for a matcher in the form: itself, or where that is too long its place and a fingerprint. */
export const optionValue = ({ name, value }: SilenceMatcher, index: number): string => {
  const text = JSON.stringify([name, value]);
  return text.length <= longestValue ? text : `#${index}:${fingerprint(text)}`;
};

const textIn = (values: FormValues, block: string): string => {
  const value = Object.hasOwn(values, block) ? values[block] : null;
  return typeof value === 'string' ? value.trim() : '';
};

const chosenIn = (values: FormValues): readonly string[] => {
  const value = Object.hasOwn(values, silenceBlocks.matchers) ? values[silenceBlocks.matchers] : null;
  return value === null || value === undefined ? [] : typeof value === 'string' ? [value] : value;
};

/** A form that was filled in, as a silence that is wanted. */
type FilledSilence = {
  readonly wanted: NewSilence;
  /** Something was chosen that is not offered any more (or never was): the incident's alerts changed meanwhile. */
  readonly isStale: boolean;
};

/**
 * Reads the form. Only what is `offered` now can be chosen, whatever came back: a value is nothing but a choice. Its own text goes before
 * the list of durations; what is none gives an end that is not a number, which `silenceProblems` tells.
 */
export const filledSilence = (
  values: FormValues,
  offered: readonly SilenceMatcher[],
  { userId, nowMs }: { readonly userId: string; readonly nowMs: EpochMs },
): FilledSilence => {
  const chosen = chosenIn(values);
  const matchers = offered.filter((matcher, index) => chosen.includes(optionValue(matcher, index)));
  const seconds = secondsOfDuration(textIn(values, silenceBlocks.ownDuration) || textIn(values, silenceBlocks.duration));
  return {
    wanted: {
      matchers: matchers.map(({ name, value }) => ({ name, value })),
      startsAtMs: nowMs,
      endsAtMs: nowMs + (seconds ?? Number.NaN) * 1000,
      createdBy: `slack:${userId}`,
      comment: textIn(values, silenceBlocks.comment),
    },
    isStale: matchers.length < new Set(chosen).size,
  };
};

const staleText = 'The alerts have changed since this form was opened: look at the labels again, or open it anew.';

/** What is told under which field of the form; null where nothing stands in the way. */
export const silenceFormProblems = (
  values: FormValues,
  { isStale }: FilledSilence,
  problems: readonly SilenceProblem[],
): FormProblems => {
  const hasOwn = textIn(values, silenceBlocks.ownDuration) !== '';
  const blockOf = (field: SilenceProblem['field']): string =>
    field === 'duration' && hasOwn ? silenceBlocks.ownDuration : silenceBlocks[field];
  const told = problems.map(({ field, text }): readonly [string, string] => [blockOf(field), text]);
  const all = isStale ? [...told, [silenceBlocks.matchers, staleText] as const] : told;
  return all.length === 0 ? null : Object.fromEntries(all);
};
