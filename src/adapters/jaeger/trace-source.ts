import { z } from 'zod';
import type { ReceivedTrace } from '../../domain/trace.ts';
import type { Ask, Clock, TraceSource } from '../../ports.ts';
import type { HttpAnswer, HttpSource } from '../http/client.ts';
import { parseJson } from '../http/json.ts';
import { maxAnswerBytes, refusalOf, tracesIn } from '../traces/answers.ts';
import { hexIds } from '../traces/ids.ts';
import type { StoreQuestion } from '../traces/questions.ts';
import { nameLists } from '../traces/services.ts';
import { worstTraces } from '../traces/worst.ts';
import { eitherForm, type Form, isNotFound } from './forms.ts';

type Query = readonly (readonly [string, string])[];

/** Names only; null stands for none (Go's empty list). */
const names = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const servicesAnswer: Readonly<Record<Form, z.ZodType<readonly string[]>>> = {
  v3: z.object({ services: names }).transform(({ services }) => services),
  legacy: z.object({ data: names }).transform(({ data }) => data),
};

/** Go's duration needs a unit. */
const goDuration = (micros: number): string => `${Math.ceil(micros)}us`;
const instant = (ms: number): string => new Date(ms).toISOString();

const tagsOf = ({ isMarked, callee }: StoreQuestion): Query => {
  const tags = [...(isMarked ? [['error', 'true']] : []), ...(callee === null ? [] : [[callee.key, callee.value]])];
  return tags.length === 0 ? [] : [['', JSON.stringify(Object.fromEntries(tags))]];
};

/** Names that every version reads: underscores, and both names of the limit, without which 2.13 answers 500. */
const v3Query = (question: StoreQuestion): Query => {
  const { service, window, leastMicros, limit } = question;
  return [
    ['query.service_name', service],
    ['query.start_time_min', instant(Math.floor(window.startMs))],
    ['query.start_time_max', instant(Math.ceil(window.endMs))],
    ['query.num_traces', String(limit)],
    ['query.search_depth', String(limit)],
    ...(leastMicros === null ? [] : [['query.duration_min', goDuration(leastMicros)] as const]),
    ...tagsOf(question).map(([, tags]) => ['query.attributes', tags] as const),
  ];
};

const legacyQuery = (question: StoreQuestion): Query => {
  const { service, window, leastMicros, limit } = question;
  return [
    ['service', service],
    ['start', String(Math.floor(window.startMs) * 1000)],
    ['end', String(Math.ceil(window.endMs) * 1000)],
    ['limit', String(limit)],
    ...(leastMicros === null ? [] : [['minDuration', goDuration(leastMicros)] as const]),
    ...tagsOf(question).map(([, tags]) => ['tags', tags] as const),
  ];
};

const prefixes: Readonly<Record<Form, string>> = { v3: 'api/v3', legacy: 'api' };

/** Jaeger and who speaks like it, by either of its APIs. Throws only `SourceError`. */
export const jaeger = (http: HttpSource, clock: Pick<Clock, 'nowMs'>): TraceSource => {
  const either = eitherForm(http.name, 'v3');
  // The newer search takes no notice of attributes up to 2.18 (jaegertracing/jaeger#8687); the older one reads tags for as long as it is there.
  const eitherTagged = eitherForm(http.name, 'legacy');
  const get = (form: Form, path: string, signal: AbortSignal, query: Query = [], maxBytes = maxAnswerBytes) =>
    http.request({ path: `${prefixes[form]}/${path}`, query, signal, maxBytes: Math.floor(maxBytes) });
  const tracesOf = (answer: HttpAnswer): readonly ReceivedTrace[] => (isNotFound(answer) ? [] : tracesIn(http.name, answer));
  const services = nameLists(http.name, clock, async (_, signal) => {
    const { form, answer } = await either((one) => get(one, 'services', signal));
    const refusal = refusalOf(http.name, answer);
    if (refusal !== null) throw refusal;
    return parseJson(http.name, answer, servicesAnswer[form]);
  });
  const search = async (question: StoreQuestion, { signal }: Ask): Promise<readonly ReceivedTrace[]> => {
    const queries: Readonly<Record<Form, Query>> = { v3: v3Query(question), legacy: legacyQuery(question) };
    const inForm = question.isMarked || question.callee !== null ? eitherTagged : either;
    const { answer } = await inForm((form) => get(form, 'traces', signal, queries[form], question.maxBytes));
    return tracesOf(answer);
  };
  const store = { services: (ask: Ask) => services('', ask), calleesOf: async () => [], traces: search };
  return {
    name: http.name,
    store: 'jaeger',
    byId: async (id, { signal }) => {
      const asked = hexIds.trace(id);
      if (asked === null) return null;
      const { answer } = await either((form) => get(form, `traces/${asked}`, signal));
      return tracesOf(answer).find((trace) => trace.id === asked) ?? null;
    },
    search: (wanted, ask) => worstTraces(store, wanted, ask),
  };
};
