import { z } from 'zod';
import type { SourceError } from '../../domain/gathered.ts';
import type { TraceStore } from '../../domain/tracing.ts';
import type { Ask } from '../../ports.ts';
import type { HttpAnswer, HttpSource } from '../http/client.ts';
import { refusalOf } from './answers.ts';
import { isSearchOff } from './zipkin-search.ts';

/** What answers at the address of a trace store; `looksLike` is null where it is none that is known. */
export type TracesAbout = {
  readonly looksLike: TraceStore | null;
  readonly services: readonly string[];
  /** It says that nothing can be looked for in it. */
  readonly isSearchOff: boolean;
};

const names = z.array(z.string());
/** Go's empty list is null. */
const maybeNames = names.nullable().transform((list) => list ?? []);

/** Where each kind lists its services, its oldest way last, and how the answer looks. A Jaeger that has none leaves the list out. */
const lists: Readonly<Record<TraceStore, readonly (readonly [path: string, shape: z.ZodType<readonly string[]>])[]>> = {
  jaeger: [
    ['api/v3/services', z.strictObject({ services: maybeNames.optional() }).transform(({ services }) => services ?? [])],
    ['api/services', z.object({ data: maybeNames, total: z.number() }).transform(({ data }) => data)],
  ],
  tempo: [
    [
      'api/v2/search/tag/resource.service.name/values',
      z
        .object({ tagValues: z.array(z.object({ value: z.string() })).nullable() })
        .transform(({ tagValues }) => (tagValues ?? []).map(({ value }) => value)),
    ],
    ['api/search/tag/service.name/values', z.object({ tagValues: maybeNames }).transform(({ tagValues }) => tagValues)],
  ],
  zipkin: [['api/v2/services', names]],
};

const read = (answer: HttpAnswer, shape: z.ZodType<readonly string[]>): readonly string[] | null => {
  try {
    return answer.status === 200 ? (shape.safeParse(JSON.parse(answer.text)).data ?? null) : null;
  } catch {
    return null;
  }
};

/** Other reasons are no answer of another kind: nothing would be learnt by more questions. */
const isElsewhere = ({ reason }: SourceError): boolean =>
  reason === 'absent' || reason === 'unsupported' || reason === 'malformed';

/** The services by this kind's API; null where it is not this kind that answers. Throws where nothing can be learnt of it. */
const servicesAs = async (http: HttpSource, kind: TraceStore, { signal }: Ask): Promise<readonly string[] | null> => {
  for (const [path, shape] of lists[kind]) {
    const answer = await http.request({ path, signal });
    const services = read(answer, shape);
    if (services !== null) return services;
    const refusal = refusalOf(http.name, answer);
    if (refusal !== null && !isElsewhere(refusal)) throw refusal;
  }
  return null;
};

/** Asks whether it is what it is taken for, else what it looks like. Throws `SourceError` where it cannot be reached or refuses. */
export const tracesAbout =
  (http: HttpSource, store: TraceStore) =>
  async (ask: Ask): Promise<TracesAbout> => {
    const services = await servicesAs(http, store, ask);
    if (services !== null) {
      const isOff = store === 'zipkin' && services.length === 0 && (await isSearchOff(http, ask.signal));
      return { looksLike: store, services, isSearchOff: isOff };
    }
    for (const other of ['jaeger', 'tempo', 'zipkin'] as const) {
      const found = other === store ? null : await servicesAs(http, other, ask).catch(() => null);
      if (found !== null) return { looksLike: other, services: found, isSearchOff: false };
    }
    return { looksLike: null, services: [], isSearchOff: false };
  };
