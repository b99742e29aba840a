import { type Edge, nobody } from '../../src/domain/edge.ts';
import type { Window } from '../../src/domain/time.ts';

/**
 * One story as trace stores are told it: eighteen requests that frontend (in namespace shop) passes on to checkout, which asks postgresql. The
 * first of them lasts longest and fails; one has an id of 64 bits, one an id that begins with zeros; fifteen are nothing special. Stores whose
 * answers were recorded were told the same, each at its own moment.
 */
type StoryTrace = {
  /** 32 lower-case hexadecimal digits. */
  readonly id: string;
  readonly durationMicros: number;
  readonly isFailed: boolean;
};

export const worstId = '5af7183fb1d4cf5fa11bad00deadbeef';
/** Of 64 bits: stores cut the zeros off, or do not. */
export const narrowId = '0000000000000000463ac35c9f6413ad';
export const zerosId = '00ab83fb1d4cf5f0463ac35c9f6413ae';

const ordinary = (place: number): StoryTrace => ({
  id: `5af7183fb1d4cf5f00000000000010${place.toString(16).padStart(2, '0')}`,
  // 20 to 205 ms, each of its own length.
  durationMicros: 20_000 + Math.floor((place * 185_000) / 14),
  isFailed: false,
});

/** The longest first. */
export const story: readonly StoryTrace[] = [
  { id: worstId, durationMicros: 4_200_000, isFailed: true },
  { id: narrowId, durationMicros: 900_000, isFailed: false },
  { id: zerosId, durationMicros: 700_000, isFailed: false },
  ...Array.from({ length: 15 }, (_, place) => ordinary(14 - place)),
];

const end = (workload: string) => ({ ...nobody, namespace: 'shop', workload });
/** frontend → checkout in shop, as the mesh names it. */
export const storyEdge: Edge = {
  cluster: null,
  source: end('frontend'),
  destination: { ...end('checkout'), service: 'checkout' },
};

/** A second apart: the longest began first, so that whoever gives the newest first gives the worst one last. */
const startOf = (window: Window, place: number): number => (window.startMs + 1000 * (place + 1)) * 1000;

/** A window that holds the beginning of all of them, and ended a moment ago. */
export const storyWindow = (nowMs: number): Window => ({ startMs: nowMs - 60_000, endMs: nowMs - 30_000 });

/** When the trace at this place of the story begins, in a window of `storyWindow`. */
export const storyStartMs = (window: Window, place: number): number => startOf(window, place) / 1000;

/** A span before it has the form of any store. */
export type ToldSpan = {
  readonly traceId: string;
  readonly id: string;
  readonly parentId: string | null;
  readonly service: 'frontend' | 'checkout';
  readonly kind: 'server' | 'client';
  readonly name: string;
  readonly startMicros: number;
  readonly durationMicros: number;
  /** Null of what is no call over HTTP: of the database. */
  readonly code: number | null;
  readonly isFailed: boolean;
  /** As Envoy names whom it calls. */
  readonly cluster: string | null;
  /** As a library names whom it calls; proxies leave it out. */
  readonly peer: string | null;
};

const idMasks = [0n, 0xc1n, 0xd2n, 0xe3n];
const spanId = (traceId: string, place: number): string =>
  (BigInt(`0x${traceId.slice(16)}`) ^ (idMasks[place] ?? 0n)).toString(16).padStart(16, '0');

const clusterOf = (callee: string): string => `outbound|8080||${callee}.shop.svc.cluster.local`;

type Call = {
  readonly traceId: string;
  readonly startMicros: number;
  readonly durationMicros: number;
  readonly isFailed: boolean;
};

/** The span at this place of a chain, each of which begins a millisecond later than the one above. */
const spanAt = (call: Call, place: number, told: Pick<ToldSpan, 'service' | 'kind' | 'name'> & Partial<ToldSpan>): ToldSpan => ({
  traceId: call.traceId,
  id: spanId(call.traceId, place),
  parentId: place === 0 ? null : spanId(call.traceId, place - 1),
  startMicros: call.startMicros + 1000 * place,
  durationMicros: call.durationMicros - 2000 * place,
  code: call.isFailed ? 503 : 200,
  isFailed: call.isFailed,
  cluster: null,
  peer: null,
  ...told,
});

const calling = (callee: string) =>
  ({ service: 'frontend', kind: 'client', name: 'POST /pay', cluster: clusterOf(callee) }) as const;
const entry = { service: 'frontend', kind: 'server', name: 'GET /cart' } as const;

/** The eighteen traces, in a window of `storyWindow`. */
export const storySpans = (window: Window): readonly ToldSpan[] =>
  story.flatMap(({ id, durationMicros, isFailed }, place) => {
    const call = { traceId: id, startMicros: startOf(window, place), durationMicros, isFailed };
    return [
      spanAt(call, 0, entry),
      spanAt(call, 1, { ...calling('checkout'), peer: 'checkout' }),
      spanAt(call, 2, { service: 'checkout', kind: 'server', name: 'POST /pay' }),
      spanAt(call, 3, {
        ...{ service: 'checkout', kind: 'client', name: 'SELECT orders', code: null, isFailed: false },
        durationMicros: durationMicros - 8000,
      }),
    ];
  });

const crowdSize = 400;
const crowdId = (place: number): string => `c40d000000000000c40d${place.toString(16).padStart(12, '0')}`;
/** The longest call of the edge in the crowd, the oldest of all: it lasts three seconds. */
export const crowdWorstId = crowdId(1);
/** The only one that failed, at once. */
export const crowdFailedId = crowdId(2);

/** Of two requests of the crowd one goes to checkout and is over soon, the later ones no later; the other goes to the cart, which is slow, and is none of the edge's. */
const crowdCall = (place: number): { readonly callee: string; readonly durationMicros: number } => {
  if (place === 1) return { callee: 'checkout', durationMicros: 3_000_000 };
  if (place === 2) return { callee: 'checkout', durationMicros: 4_000 };
  const isOfEdge = place % 2 === 0;
  return isOfEdge
    ? { callee: 'checkout', durationMicros: 5_000 + 100 * ((place * 7919) % 401) }
    : { callee: 'cart', durationMicros: 100_000 + 10_000 * place };
};

/** Before the story: so many requests that no store gives all of them back, as proxies of the caller tell of them. */
export const crowdWindow = ({ startMs }: Window): Window => ({ startMs: startMs - 600_000, endMs: startMs - 540_000 });

export const crowdSpans = (window: Window): readonly ToldSpan[] =>
  Array.from({ length: crowdSize }, (_, index) => {
    const { callee, durationMicros } = crowdCall(index + 1);
    const call = {
      traceId: crowdId(index + 1),
      startMicros: (window.startMs + 100 * (index + 1)) * 1000,
      durationMicros,
      isFailed: crowdId(index + 1) === crowdFailedId,
    };
    return [spanAt(call, 0, entry), spanAt(call, 1, calling(callee))];
  }).flat();
