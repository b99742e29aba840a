import type { Manner } from './clients.ts';

/** What an application does instead of its work, to this share of its requests (0–1). */
export type Behaviour = {
  readonly share: number;
  readonly does:
    | { readonly kind: 'status'; readonly code: number }
    | { readonly kind: 'grpc-status'; readonly status: number }
    /** Works, but so much later. */
    | { readonly kind: 'slow'; readonly seconds: number }
    /** Works, but asks others by HTTP in this manner. */
    | { readonly kind: 'asks'; readonly manner: Manner }
    /** Ends the connection instead of answering: FIN or RST. */
    | { readonly kind: 'close' | 'reset' }
    /** Answers with headers and half a body, then ends the connection, or says nothing more. */
    | { readonly kind: 'half' | 'half-reset' | 'stall' }
    /** Answers with what is no HTTP, or with 200 KB of headers. */
    | { readonly kind: 'garbage' | 'big-headers' }
    /** HTTP/2 only: RST_STREAM with this error code before the answer. */
    | { readonly kind: 'stream-reset'; readonly code: number };
};

/** Which of them befalls this request, if any; a draw for each, in order. */
export const drawn = (behaviours: readonly Behaviour[], random: () => number): Behaviour['does'] | null =>
  behaviours.find(({ share }) => random() < share)?.does ?? null;

/** Headers that keep a trace together from hop to hop: what every service of a mesh must forward. */
const traceHeaders = [
  'x-request-id',
  'traceparent',
  'tracestate',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-flags',
  'b3',
];

export const forwarded = (headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> =>
  Object.fromEntries(
    traceHeaders.flatMap((name): [string, string][] => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );

/** Waits about so long, as work does: seldom less than half, sometimes twice. */
export const work = (seconds: number, random: () => number): Promise<void> => {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000 * Math.exp(0.4 * normal)));
};
