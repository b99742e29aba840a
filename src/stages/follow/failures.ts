import { asked } from '../../domain/span-names.ts';
import { isLeft } from '../../domain/span-status.ts';
import type { Span } from '../../domain/trace.ts';
import { isBelow } from '../../domain/trace-tree.ts';

type Spans = readonly Span[];

/** A step inside of one service that says nothing of success: a failure may have passed through it. */
const saysNothing = ({ kind, isError }: Span): boolean => !isError && (kind === null || kind === 'internal');

/** Of two calls of one parent with the same key the later one may be the earlier one, tried again. */
const callKey = (span: Span): string => JSON.stringify([span.parent, span.service, span.peer, asked(span, true)]);

/** Which calls failed, and went well when they were tried again after that: whatever their caller failed of later, it was not these. */
const madeGood = (spans: Spans): ((span: Span) => boolean) => {
  const wellAt = new Map<string, number>();
  for (const span of spans)
    if (span.kind === 'client' && span.parent !== null && !span.isError)
      wellAt.set(callKey(span), Math.max(wellAt.get(callKey(span)) ?? 0, span.startMicros));
  return (span) =>
    span.kind === 'client' && (wellAt.get(callKey(span)) ?? Number.NEGATIVE_INFINITY) >= span.startMicros + span.durationMicros;
};

/**
 * Which spans the failure of the focus may have come through: every step from there to here failed, or said nothing. Below whom its client
 * left nothing explains why it did.
 */
const carries = (spans: Spans, focus: number): readonly boolean[] => {
  const isMadeGood = madeGood(spans);
  const carried: boolean[] = new Array(spans.length).fill(false);
  carried[focus] = spans[focus]?.isError ?? false;
  for (let place = focus + 1; place < spans.length; place += 1) {
    const span = spans[place];
    const above = spans[span?.parent ?? -1];
    if (span === undefined || span.parent === null || above === undefined || span.isAsync) continue;
    const isCarried = (carried[span.parent] ?? false) && (span.isError || saysNothing(span));
    carried[place] = isCarried && !isLeft(span) && !isLeft(above) && !isMadeGood(span);
  }
  return carried;
};

const depths = (spans: Spans): readonly number[] => {
  const found: number[] = [];
  for (const { parent } of spans) found.push(parent === null ? 0 : (found[parent] ?? 0) + 1);
  return found;
};

/**
 * Where the failure began: the deepest failing span, which no failing child explains, since that would be deeper. What the focus failed of
 * comes before what failed below it and was borne, and that before what failed elsewhere; of equals the last to end, which decided.
 */
export const errorOriginOf = (spans: Spans, focus: number): number | null => {
  const [isCarried, isUnder, depth] = [carries(spans, focus), isBelow(spans, focus), depths(spans)];
  const ranks = (place: number): readonly number[] => {
    const { startMicros = 0, durationMicros = 0 } = spans[place] ?? {};
    return [isCarried[place] ? 2 : isUnder[place] ? 1 : 0, depth[place] ?? 0, startMicros + durationMicros];
  };
  let best: { readonly place: number; readonly ranks: readonly number[] } | null = null;
  for (const [place, { isError }] of spans.entries()) {
    if (!isError) continue;
    const own = ranks(place);
    const first = own.findIndex((rank, index) => rank !== best?.ranks[index]);
    if (best === null || (own[first] ?? 0) > (best.ranks[first] ?? 0)) best = { place, ranks: own };
  }
  return best?.place ?? null;
};
