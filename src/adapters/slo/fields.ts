import { secondsOfDuration } from '../../domain/duration.ts';
import { perOf, templateProblem } from '../../domain/promql/template.ts';
import { ppmOfPercent } from '../../domain/slo/objective.ts';
import { type Sli, type SloWindow, windowMark } from '../../domain/slo.ts';
import type { Teller } from './found.ts';

/** Names stand in messages, and become values of labels and names of rules. */
const namePattern = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/;

export const readName = (teller: Teller, field: string, given: string | null): string | null =>
  given !== null && namePattern.test(given)
    ? given
    : teller.refuse(
        field,
        given,
        'a name of letters, digits, dots, dashes and underscores, at most 100, a letter or digit at both ends',
      );

/** What people call something: printed, and nothing else made of it. */
const plain = /^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u;

export const readWords = (teller: Teller, field: string, given: string | null): string | null =>
  given !== null && plain.test(given) ? given : teller.refuse(field, given, 'a name of at most 100 characters');

export const percentExpected = 'a percentage from 1 to below 100 with at most four decimals, such as 99.9 (not 0.999, nor 99,9)';

/** Below 1 it is a ratio that somebody took for a percentage: nobody promises that 0.999 % of all requests go well. */
export const percentOf = (text: string): number | null => {
  const ppm = ppmOfPercent(text);
  return ppm !== null && ppm >= 10_000 ? ppm : null;
};

export const readPercent = (teller: Teller, field: string, given: string | null): number | null =>
  (given === null ? null : percentOf(given)) ?? teller.refuse(field, given, percentExpected);

const daySeconds = 86_400;

/** "30d", "4w", "720h" in whole days; null for what is none, or longer than a year. */
export const daysOf = (text: string): number | null => {
  const weeks = /^(\d{1,2})\s*w$/.exec(text.trim())?.[1];
  const seconds = weeks === undefined ? secondsOfDuration(text) : Number(weeks) * 7 * daySeconds;
  const days = (seconds ?? 0) / daySeconds;
  return Number.isInteger(days) && days >= 1 && days <= 366 ? days : null;
};

export const rollingExpected = 'whole days or weeks, at most 366 days, such as 30d or 4w';

export const readRolling = (teller: Teller, field: string, given: string | null): SloWindow | null => {
  const days = given === null ? null : daysOf(given);
  return days === null ? teller.refuse(field, given, rollingExpected) : { kind: 'rolling', days };
};

/** "250ms", "1.5s", "2m" in seconds. */
export const latencyOf = (text: string): number | null => {
  const [, number, unit] = /^(\d{1,7}(?:\.\d{1,6})?)\s*(ms|s|m)$/.exec(text.trim()) ?? [];
  if (number === undefined) return null;
  const seconds = Number((Number(number) * (unit === 'ms' ? 0.001 : unit === 's' ? 1 : 60)).toPrecision(12));
  return seconds > 0 ? seconds : null;
};

/** Go's text/template in any of its spellings: `{{.window}}`, `{{ .window }}`, `{{- .window -}}`. */
const windowInText = /\{\{-?\s*\.window\s*-?\}\}/g;

/** A query of a file with the mark in place of its window, checked by the grammar. `needsWindow`: without one it counts of now. */
export const readTemplate = (teller: Teller, field: string, given: string | null, needsWindow = true): string | null => {
  if (given === null) return teller.refuse(field, given, 'a PromQL query');
  const template = given.replace(windowInText, windowMark).trim();
  if (template.includes('{{')) return teller.refuse(field, given, 'no template in it but {{.window}}');
  const problem = templateProblem(template);
  if (problem !== null) return teller.refuse(field, given, `PromQL: it ${problem}`);
  return needsWindow && !template.includes(windowMark) ? teller.refuse(field, given, '{{.window}} in its range') : template;
};

/** Counted by two templates; by their ratio alone where what they give is no number of events. */
export const sliOfQueries = (counts: 'bad' | 'good', counted: string, total: string): Sli => {
  const per = perOf([counted, total]);
  if (per !== null) return { kind: 'queries', counts, counted, total, per };
  const ratio = `(${counted}) / (${total})`;
  return { kind: 'ratio-query', errorRatio: counts === 'bad' ? ratio : `1 - (${ratio})` };
};
