import { type Diagnosis, shownEvidence } from '../../domain/diagnosis.ts';
import { edgeKey } from '../../domain/edge.ts';
import type { Evidence } from '../../domain/evidence.ts';
import { meanSeconds } from '../../domain/mean.ts';
import { classify, type OutcomeClass } from '../../domain/outcome.ts';
import type { Report } from '../../domain/report.ts';
import { type Sought, soughtIn } from '../../domain/sought.ts';
import { grpcStatus, httpStatus } from '../../domain/span-status.ts';
import type { Expected, Sampling } from '../../domain/trace.ts';
import { type SaidOfTrace, traceSentence } from '../../domain/trace-sentence.ts';
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

/** Slower than a slow edge as a rule it is not: then it is none of those that are looked for. */
const isFast = ({ trace, analysis }: FollowedTrace, { path, readings }: Evidence): boolean => {
  const [edge] = path;
  const reading = edge === undefined ? undefined : readings.find((one) => edgeKey(one.edge) === edgeKey(edge));
  const now = (reading?.caller ?? reading?.callee)?.duration?.now;
  return now !== undefined && (trace.spans[analysis.focus]?.durationMicros ?? 0) < meanSeconds(now) * 1e6;
};

/** The doubt that a reader must know of before the figures are believed. */
const doubtOf = (worst: FollowedTrace, by: WorstBy, evidence: Evidence, isSaid: boolean): string | null => {
  const { mayBeIncomplete, analysis } = worst;
  if (mayBeIncomplete) return isSaid ? null : 'spans may be missing';
  if (by === 'errors') return null;
  if (isFast(worst, evidence)) return 'faster than the mean of this edge: no slow one was found';
  if (analysis.comparedWith >= 5) return null;
  return `${analysis.comparedWith === 0 ? 'no' : 'too few'} normal traces to compare with`;
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

/** What is so likely is no chance that it did not happen; what is not likely is no surprise. */
const [surelyThere, likelyThere] = [0.95, 0.5];

/** How many of those that went wrong should have been kept, by the rate alone, and what it means that none is there. */
const chanceWords = ({ wanted, sampled, requests, chance }: Expected, noun: string, isLeast: boolean): string => {
  const expected = (sampled / Math.max(requests, 1)) * wanted;
  const many = expected >= 9.95 ? count(expected) : expected < 0.05 ? 'hardly one' : String(Math.round(expected * 10) / 10);
  const of = `of ${counted(wanted, noun)}`;
  const kept = `${of} ${isLeast ? 'at least ' : ''}${many} should have been kept`;
  const likely = `chance of at least one: ${chance >= 0.995 ? '> 99 %' : `${percent(chance)}${isLeast ? ' or more' : ''}`}`;
  // A store that did not tell all may hold one.
  if (isLeast) return `${kept} (${likely})`;
  if (chance >= surelyThere) return `${kept}, so they leave no spans, or lose them on the way`;
  return chance < likelyThere ? `${of} none was to be expected (${likely})` : `${kept} (${likely})`;
};

const exemplarWords: Readonly<Record<Exclude<NoExemplar, 'not-asked'>, string>> = {
  'storage-off': 'the metrics store keeps no exemplars',
  'none-in-window': 'exemplars of this edge are of other times',
  'none-written': 'no exemplars of this edge (mesh proxies write none)',
  'none-known': 'there are no exemplars, or the metrics store keeps none',
  'no-id': 'exemplars of this edge have no label with the id of a trace that is known (EXEMPLAR_LABELS)',
  'not-kept': 'the traces that exemplars name are not kept (tail sampling drops them when they are counted already)',
};

const whyWords = (none: NoExemplar | null): Mrkdwn | null =>
  none === null || none === 'not-asked' ? null : ours(exemplarWords[none]);

/** Of so many requests even one in a hundred, which is what Istio traces by default, leaves traces. */
const leastTraced = 500;

/** What the store holds of the edge, as far as it told; with none of so many requests it is no chance. */
const heldWords = ({ source, seen, isCut, expected }: Tracing): Mrkdwn => {
  const traces = seen === 0 ? 'no trace' : counted(seen, 'other trace');
  const told = `${traces} of this edge in the window`;
  if (isCut) return mrkdwn`${source} told of ${told}, and may hold ${seen === 0 ? 'some' : 'more'}`;
  if (seen > 0 || expected === null) return mrkdwn`${source} holds ${told}`;
  const why = expected.requests < leastTraced ? '' : ': they are not traced, or under another name';
  return mrkdwn`${source} holds ${told}, of ${counted(expected.requests, 'request')}${why}`;
};

/** What "no trace found" means, in numbers. */
export const noneLine = (tracing: Tracing, sought: Sought): Mrkdwn => {
  const { sampling, expected, exemplars, isYoung, isCut, by } = tracing;
  const noun = by === 'latency' ? 'slow request' : sought === 'refused' ? 'refused request' : 'failed request';
  const isKept = sampling !== null && sampling.rate > 0;
  // Counted of a store that did not tell all.
  const isLeast = isCut && sampling?.from === 'counted';
  const chance =
    by === 'errors' && isKept && expected !== null && expected.wanted >= 0.5
      ? mrkdwn`${chanceWords(expected, noun, isLeast)}`
      : null;
  const rate = isKept ? mrkdwn`${rateWords(sampling, isLeast)}` : null;
  const why = isYoung ? ours('the trace that an exemplar names has not come yet') : whyWords(exemplars);
  return mrkdwn`*No trace of a ${noun}:* ${raw(joined([heldWords(tracing), rate, chance, why], '; '))}`;
};

/** What became of the request, which of those that failed need not be a failure: a policy refuses, a client leaves. */
const headings: Readonly<Record<OutcomeClass, string>> = {
  failed: 'A failed request',
  refused: 'A refused request',
  'client-left': 'A request that its client left',
  'client-error': 'A request with a client error',
  ok: 'The worst traced request',
};

const headingOf = ({ trace, analysis }: FollowedTrace, by: WorstBy): string => {
  if (by === 'latency') return 'The slowest traced request';
  const span = trace.spans[analysis.focus];
  if (span === undefined || span.isError) return headings.failed;
  return headings[classify(httpStatus(span.attributes) ?? '200', grpcStatus(span.attributes), span.flags)];
};

/** What the verdict's evidence says of the trace already, above. */
const saidAbove = ({ verdict }: Diagnosis): SaidOfTrace =>
  verdict?.traced !== undefined && shownEvidence(verdict).includes(verdict.traced.line) ? verdict.traced.what : null;

const worstLine = ({ evidence, diagnosis }: Report, worst: FollowedTrace, source: string, by: WorstBy): Mrkdwn => {
  const said = saidAbove(diagnosis);
  const { trace, analysis, found } = worst;
  const sentence = said === null ? worst.sentence : traceSentence(trace, analysis, evidence.path[0] ?? null, said);
  const doubt = doubtOf(worst, by, evidence, said !== null);
  const how = joined([mrkdwn`${foundWords(found, source)}`, doubt === null ? null : mrkdwn`${doubt}`], '; ');
  return mrkdwn`*${headingOf(worst, by)}:* ${sentence} ${raw(mrkdwn`_${raw(how)}_`)}`;
};

/** One line for the worst trace, or why there is none; a store that gave no answer stands among the gaps. */
export const traceLine = (report: Report): Paragraph => {
  const { tracing, pending, readings } = report.evidence;
  if (tracing === undefined)
    return pending.length > 0 && readings.length > 0
      ? mrkdwn`_Still asking ${pending.join(', ')} for the worst request …_`
      : null;
  if (!tracing.ok) return null;
  const { worst, source, by } = tracing.value;
  return worst === null ? noneLine(tracing.value, soughtIn(report.evidence)) : worstLine(report, worst, source, by);
};

/** What was noticed beside the findings, each with what to do about it. */
export const notes = ({ diagnosis }: Report): Paragraph =>
  diagnosis.notes.length === 0
    ? null
    : joined(diagnosis.notes.map(({ sentence, advice }) => mrkdwn`*Note:* ${sentence}. ${advice}.`));
