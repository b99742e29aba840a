import { boundsMs, emptySeries, kindOf, observe, type Series } from './counters.ts';
import { seeded } from './noise.ts';
import { drawRequest, everyCall, type Plan, type Request } from './requests.ts';

/** What many requests are like: of the past nobody looks at each. */

/** Mean and share up to each of `boundsMs`, as one end counts them. */
type Side = { readonly meanMs: number; readonly below: readonly number[] };

/** One kind of call. */
export type Kind = {
  readonly example: Request;
  /** How many of it come of one request at the entrance. */
  readonly perRequest: number;
  /** The caller's, and the callee's where it arrived. */
  readonly sides: readonly Side[];
};

/** Enough that what happens to one request in a thousand is known to a seventh. */
const draws = 50_000;

const sideOf = ({ requests, sumMs, buckets }: Series): Side => ({
  meanMs: sumMs / requests,
  below: buckets.map((count) => count / requests),
});

/** The kinds of calls that requests by this entrance come to. */
export const profileOf = (entrance: Plan): readonly Kind[] => {
  const random = seeded(11);
  const kinds = new Map<string, { readonly example: Request; readonly sides: readonly [Series, Series] }>();
  for (let left = draws; left > 0; left -= 1)
    everyCall(drawRequest(entrance, random), (request) => {
      const kind = kindOf(request);
      const known = kinds.get(kind) ?? { example: request, sides: [emptySeries({}), emptySeries({})] };
      kinds.set(kind, known);
      observe(known.sides[0], request.atCaller.seconds);
      if (request.atCallee !== null) observe(known.sides[1], request.atCallee.seconds);
    });
  return [...kinds.values()].map(({ example, sides: [caller, callee] }) => ({
    example,
    perRequest: caller.requests / draws,
    sides: (example.atCallee === null ? [caller] : [caller, callee]).map(sideOf),
  }));
};

/** One end's counters after so many more. `dice` round the few; many need none. */
export const addMany = (series: Series, { meanMs, below }: Side, count: number, dice: readonly number[] | null): void => {
  series.requests += count;
  series.sumMs += count * meanMs;
  let most = 0;
  for (const index of boundsMs.keys()) {
    most = Math.max(most, Math.min(count, Math.floor(count * (below[index] ?? 1) + (dice?.[index] ?? 0.5))));
    series.buckets[index] = (series.buckets[index] ?? 0) + most;
  }
};
