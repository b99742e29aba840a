import type { Report } from '../../domain/report.ts';
import type { Expected, Sampling } from '../../domain/trace.ts';
import type { FollowedTrace, FoundBy, NoExemplar, Tracing, WorstBy } from '../../domain/tracing.ts';
import { count, counted, percent } from '../../domain/words.ts';
import { joined, type Mrkdwn, mrkdwn, ours, raw } from './mrkdwn.ts';
import type { Paragraph } from './setting.ts';

/** Which way a trace was found, and out of how many. */
export const foundWords = (found: FoundBy, source: string): string => {
  if (found.way === 'id') return `by its id, from ${source}`;
  if (found.way === 'exemplar') return `by exemplar, the worst of ${count(found.of)}, from ${source}`;
  return `by search, the worst of ${counted(found.of, 'trace')} in ${source}${found.isCut ? ', which may hold worse' : ''}`;
};

/** The doubt that a reader must know of before the figures are believed. */
const doubtOf = ({ mayBeIncomplete, analysis }: FollowedTrace): string | null => {
  if (mayBeIncomplete) return 'spans may be missing';
  return analysis.comparedWith < 5 ? 'no normal traces to compare with' : null;
};

/** "about 1 in 20 requests", "nearly every request" */
const rateWords = ({ rate, from }: Sampling, isLeast: boolean): string => {
  const share =
    rate >= 0.95
      ? 'nearly every request'
      : rate > 0.2
        ? `${isLeast ? 'at least ' : ''}${percent(rate)} of requests`
        : `${isLeast ? 'at least' : 'about'} 1 in ${count(1 / rate)} requests`;
  if (from === 'counted') return `${share} left a trace here`;
  return from === 'sampler' ? `the sampler keeps ${share}` : `the mesh is configured to trace ${share}`;
};

/** How likely one of those that went wrong was kept, by the rate alone. */
const chanceWords = ({ wanted, sampled, requests, chance }: Expected, noun: string, isLeast: boolean): string => {
  const expected = (sampled / Math.max(requests, 1)) * wanted;
  const many = expected >= 9.95 ? count(expected) : String(Math.round(expected * 10) / 10);
  const [kept, likely] = isLeast ? [`at least ${many}`, `${percent(chance)} or more`] : [many, percent(chance)];
  return `of ${counted(wanted, noun)} ${kept} should have been kept (chance of at least one: ${likely})`;
};

const exemplarWords: Readonly<Record<Exclude<NoExemplar, 'not-asked'>, string>> = {
  'storage-off': 'the metrics store keeps no exemplars',
  'none-in-window': 'exemplars of this edge are of other times',
  'none-written': 'no series of this edge has exemplars (mesh proxies write none)',
  'none-known': 'there are no exemplars, or the metrics store keeps none',
  'no-id': 'exemplars of this edge have no label with the id of a trace that is known (EXEMPLAR_LABELS)',
  'not-kept': 'the traces that exemplars name are not kept',
};

const whyWords = (none: NoExemplar | null): Mrkdwn | null =>
  none === null || none === 'not-asked' ? null : ours(exemplarWords[none]);

/** What the store holds of the edge, as far as it told. */
const heldWords = ({ source, seen, isCut }: Tracing, noun: string): Mrkdwn => {
  const none = seen === 0 ? '' : `, none of a ${noun}`;
  const traces = seen === 0 ? 'no trace' : counted(seen, 'trace');
  const told = `${traces} of this edge in the window${none}`;
  return isCut
    ? mrkdwn`${source} told of ${told}, and may hold ${seen === 0 ? 'some' : 'more'}`
    : mrkdwn`${source} holds ${told}`;
};

/** What "no trace found" means, in numbers. */
export const noneLine = (tracing: Tracing): Mrkdwn => {
  const { sampling, expected, exemplars, isYoung, by, isCut } = tracing;
  const noun = by === 'errors' ? 'failed request' : 'slow request';
  const isKept = sampling !== null && sampling.rate > 0;
  // Counted of a store that did not tell all.
  const isLeast = isCut && sampling?.from === 'counted';
  const chance =
    by === 'errors' && isKept && expected !== null && expected.wanted >= 0.5
      ? mrkdwn`${chanceWords(expected, noun, isLeast)}`
      : null;
  const rate = isKept ? mrkdwn`${rateWords(sampling, isLeast)}` : null;
  const why = isYoung ? ours('the trace that an exemplar names has not come yet') : whyWords(exemplars);
  return mrkdwn`*No trace of a ${noun}:* ${raw(joined([heldWords(tracing, noun), rate, chance, why], '; '))}`;
};

const worstLine = (worst: FollowedTrace, source: string, by: WorstBy): Mrkdwn => {
  const doubt = doubtOf(worst);
  const how = joined([mrkdwn`${foundWords(worst.found, source)}`, doubt === null ? null : mrkdwn`${doubt}`], '; ');
  return mrkdwn`*${by === 'errors' ? 'A failed request' : 'The slowest request'}:* ${worst.sentence} ${raw(mrkdwn`_${raw(how)}_`)}`;
};

/** One line for the worst trace, or why there is none; a store that gave no answer stands among the gaps. */
export const traceLine = ({ evidence }: Report): Paragraph => {
  const { tracing, pending, readings } = evidence;
  if (tracing === undefined)
    return pending.length > 0 && readings.length > 0
      ? mrkdwn`_Still asking ${pending.join(', ')} for the worst request …_`
      : null;
  if (!tracing.ok) return null;
  const { worst, source, by } = tracing.value;
  return worst === null ? noneLine(tracing.value) : worstLine(worst, source, by);
};

/** What was noticed beside the findings, each with what to do about it. */
export const notes = ({ diagnosis }: Report): Paragraph =>
  diagnosis.notes.length === 0
    ? null
    : joined(diagnosis.notes.map(({ sentence, advice }) => mrkdwn`*Note:* ${sentence}. ${advice}.`));
