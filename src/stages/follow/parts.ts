import { isProxySpan, isSameWorkload, type Named, peerNames, workloadOf } from '../../domain/span-workload.ts';
import type { PathPart, PathSection, PathTime, Span, Trace } from '../../domain/trace.ts';
import type { Children } from '../../domain/trace-tree.ts';

/** Of a way longer than this the middle is left out: a chain of ten thousand services must not cost their square. */
const longestWay = 32;

/** Services on the way to a span. Ways that are alike are one value with one number, so that many spans cost no more than few. */
type Way = { readonly number: number; readonly services: readonly string[]; readonly last: Named };
type Ways = Map<string, Way>;

/** What is known of a part without comparison. */
export type Summed = Omit<PathPart, 'usualMicros' | 'usualCalls'>;

const further = (known: Ways, way: Way, service: string, last: Named): Way => {
  if (isSameWorkload(way.last, last)) return way;
  const key = JSON.stringify([way.number, service, last.name, last.namespace]);
  const there = known.get(key);
  if (there !== undefined) return there;
  const { services } = way;
  const half = longestWay / 2;
  const kept = services.length < longestWay ? services : [...services.slice(0, half), '…', ...services.slice(half + 2)];
  const found: Way = { number: known.size + 1, services: [...kept, service], last };
  known.set(key, found);
  return found;
};

/** The ways from the focus to the spans of the path, by their places. */
const waysTo = (known: Ways, spans: readonly Span[], focus: number, onPath: Iterable<number>): ReadonlyMap<number, Way> => {
  const passed = new Set<number>([focus]);
  for (const span of onPath) for (let place = span; !passed.has(place); place = spans[place]?.parent ?? focus) passed.add(place);
  const ways = new Map<number, Way>();
  // A parent stands before its children.
  for (const place of [...passed].sort((a, b) => a - b)) {
    const span = spans[place];
    if (span === undefined) continue;
    const workload = workloadOf(span);
    const above = place === focus ? undefined : ways.get(span.parent ?? focus);
    const way = above === undefined ? null : further(known, above, span.service, workload);
    ways.set(place, way ?? { number: 0, services: [span.service], last: workload });
  }
  return ways;
};

/** The span below that shows that somebody took a client's call: of another workload, or its own proxy's half. */
const answerOf = (spans: readonly Span[], children: Children, place: number): Span | null => {
  const own = spans[place];
  if (own === undefined) return null;
  const below = (children[place] ?? [])
    .flatMap((child) => spans[child] ?? [])
    .filter(({ isAsync, kind }) => !isAsync && kind !== 'consumer');
  return (
    below.find((span) => !isSameWorkload(workloadOf(span), workloadOf(own))) ??
    below.find(({ kind }) => kind === 'client' || kind === 'server') ??
    null
  );
};

/** A library's call inside of another's, as an SDK's around that of HTTP: what the outer one adds is its service's own work. */
const isCallInside = (outer: Span, inner: Span): boolean =>
  inner.kind === 'client' && isSameWorkload(workloadOf(inner), workloadOf(outer)) && !isProxySpan(outer) && !isProxySpan(inner);

type Owner = { readonly service: string; readonly time: PathTime; readonly way: Way };

/** Whose the time is that only this span explains. */
const ownerOf = (known: Ways, spans: readonly Span[], children: Children, place: number, span: Span, way: Way): Owner => {
  const service = way.services.at(-1) ?? span.service;
  const own: Owner = { service, time: 'own', way };
  const to = (peer: string | null): Way => (peer === null ? way : further(known, way, peer, peerNames(peer).at(-1) ?? way.last));
  // A broker keeps its producer waiting, and has no spans of its own.
  if (span.kind === 'producer') return span.peer === null ? own : { service: span.peer, time: 'peer', way: to(span.peer) };
  if (span.kind !== 'client') return own;
  const answer = answerOf(spans, children, place);
  if (answer !== null && isCallInside(span, answer)) return own;
  if (answer !== null) return { service, time: 'between', way: further(known, way, answer.service, workloadOf(answer)) };
  return { service: span.peer ?? 'unknown', time: 'peer', way: to(span.peer) };
};

/** Identity of a call path, for comparison between traces. JSON, so that no name can imitate a separator. */
export const callPathKey = ({
  way,
  service,
  operation,
  time,
}: Pick<PathPart, 'way' | 'service' | 'operation' | 'time'>): string => JSON.stringify([way, service, operation, time]);

type Sum = { readonly owner: Owner; readonly operation: string; calls: number; micros: number; readonly spans: number[] };

const spentOn = (sections: readonly PathSection[]): ReadonlyMap<number, number> => {
  const spent = new Map<number, number>();
  for (const { span, fromMicros, toMicros } of sections) spent.set(span, (spent.get(span) ?? 0) + toMicros - fromMicros);
  return spent;
};

/** The sections of the path by call path: by the way of services, the operation and what the time was spent on. Longest first. */
export const partsOf = (
  { spans }: Trace,
  focus: number,
  sections: readonly PathSection[],
  children: Children,
): readonly Summed[] => {
  const known: Ways = new Map();
  const sums = new Map<string, Sum>();
  const spent = spentOn(sections);
  const ways = waysTo(known, spans, focus, spent.keys());
  const sumOf = new Map<number, Sum>();
  // A parent stands before its children.
  for (const [place, micros] of [...spent].sort(([a], [b]) => a - b)) {
    const [span, way] = [spans[place], ways.get(place)];
    if (span === undefined || way === undefined) continue;
    const owner = ownerOf(known, spans, children, place, span, way);
    const key = JSON.stringify([owner.way.number, owner.service, span.operation, owner.time]);
    const sum = sums.get(key) ?? { owner, operation: span.operation, calls: 0, micros: 0, spans: [] };
    sums.set(key, sum);
    sumOf.set(place, sum);
    if (span.parent === null || sumOf.get(span.parent) !== sum) sum.calls += 1;
    sum.micros += micros;
    sum.spans.push(place);
  }
  const byTime = (a: number, b: number): number => (spent.get(b) ?? 0) - (spent.get(a) ?? 0) || a - b;
  const totalMicros = spans[focus]?.durationMicros ?? 0;
  return [...sums.values()]
    .map(({ owner: { service, time, way }, operation, calls, micros, spans: places }) => ({
      ...{ service, operation, time, way: way.services, spans: places.sort(byTime), calls, selfMicros: micros },
      share: totalMicros > 0 ? micros / totalMicros : 0,
    }))
    .sort((a, b) => b.selfMicros - a.selfMicros || (a.spans[0] ?? 0) - (b.spans[0] ?? 0));
};
