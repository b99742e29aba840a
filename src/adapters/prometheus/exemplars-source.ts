import { type Labels, labelsOf } from '../../domain/alert.ts';
import type { Exemplar } from '../../domain/exemplar.ts';
import { pinned } from '../../domain/promql/tree.ts';
import type { Matcher } from '../../domain/promql.ts';
import type { ExemplarStorage } from '../../domain/tracing.ts';
import type { Answer, Ask, Clock, ExemplarSource } from '../../ports.ts';
import type { HttpAnswer, HttpSource } from '../http/client.ts';
import { singleFlight } from '../http/flights.ts';
import { parseJson } from '../http/json.ts';
import { hexIds, idsOf } from '../traces/ids.ts';
import { isVictoriaMetrics, saysExemplarStorage } from './exemplar-storage.ts';
import { failureOf } from './failure.ts';
import { exemplar, exemplarsAnswer, numberOf } from './schema.ts';

/**
 * Labels that hold the id of a trace, the first that does counts: of OpenTelemetry and of Prometheus' own clients, of Tempo and Grafana, and of
 * those who write it in their own way.
 */
const traceLabels: readonly string[] = ['trace_id', 'traceID', 'traceId', 'TraceID', 'trace.id', 'traceid'];

type ExemplarOptions = {
  /** Added to every selector, as for all questions to this source. */
  readonly pinned: readonly Matcher[];
  /** Questions running at once. */
  readonly concurrency: number;
  /** Default: `traceLabels`. */
  readonly traceLabels?: readonly string[];
  readonly clock: Pick<Clock, 'nowMs'>;
};

const cacheMs = 5 * 60_000;

/** 32 digits of up to 32 with leading zeros cut off, of `0x…`, or of the base64 of 16 or 8 bytes; null for what is no id. */
const idOf = (text: string): string | null => {
  const bare = text.trim().replace(/^0x/i, '');
  const base64 = idsOf([bare]);
  return hexIds.trace(bare) ?? base64.trace(bare) ?? base64.trace(`${bare}=`);
};

const traceIdOf = (labels: Readonly<Record<string, string>>, names: readonly string[]): string | null =>
  names.map((name) => (Object.hasOwn(labels, name) ? idOf(labels[name] ?? '') : null)).find((id) => id !== null) ?? null;

const exemplarOf = (value: unknown, series: Labels, names: readonly string[]): readonly Exemplar[] => {
  const { data } = exemplar.safeParse(value);
  if (data === undefined) return [];
  return [
    { traceId: traceIdOf(data.labels, names), value: numberOf(data.value), atMs: Math.round(data.timestamp * 1000), series },
  ];
};

/** Of no body, where no selector was asked for (HTTP 204), nothing. */
const exemplarsIn = (name: string, answer: HttpAnswer, names: readonly string[]): Answer<readonly Exemplar[]> => {
  if (answer.status === 204 || (answer.status === 200 && answer.text.trim() === ''))
    return { value: [], warnings: [], samplesRead: null };
  if (answer.status !== 200) throw failureOf(name, answer);
  const { data, warnings = [] } = parseJson(name, answer, exemplarsAnswer);
  const value = (data ?? []).flatMap(({ seriesLabels, exemplars }) => {
    const series = labelsOf(Object.entries(seriesLabels));
    return (exemplars ?? []).flatMap((one) => exemplarOf(one, series, names));
  });
  return { value, warnings, samplesRead: null };
};

/** Whether it keeps any, and whether that may be kept in mind: what it could not be asked may be told the next time. */
const askStorage = async (
  http: HttpSource,
  { signal }: Ask,
): Promise<{ readonly storage: ExemplarStorage; readonly isSure: boolean }> => {
  const paths = ['api/v1/features', 'api/v1/status/flags', 'api/v1/status/buildinfo'];
  const settled = await Promise.allSettled(paths.map((path) => http.request({ path, signal })));
  const lost = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (lost.length === settled.length) throw lost[0];
  const [features, flags, build] = settled.map((one) => (one.status === 'fulfilled' ? one.value : null));
  const said = saysExemplarStorage(features ?? null, flags ?? null);
  if (said !== null) return { storage: said ? 'on' : 'off', isSure: true };
  // VictoriaMetrics/VictoriaMetrics#1169: it will never keep them.
  if (isVictoriaMetrics(build ?? null)) return { storage: 'off', isSure: true };
  return { storage: 'unknown', isSure: lost.length === 0 };
};

/** Exemplars of Prometheus and its like (Thanos, Mimir); VictoriaMetrics answers that there are none. Throws only `SourceError`. */
export const prometheusExemplars = (http: HttpSource, options: ExemplarOptions): ExemplarSource => {
  const once = singleFlight(options.concurrency);
  const names = options.traceLabels ?? traceLabels;
  let kept: { readonly atMs: number; readonly storage: ExemplarStorage } | null = null;
  return {
    name: http.name,
    exemplars: (promql, { startMs, endMs }, ask) => {
      const form = [
        ['query', pinned(promql, options.pinned)],
        ['start', (startMs / 1000).toFixed(3)],
        ['end', (endMs / 1000).toFixed(3)],
      ] as const;
      return once(JSON.stringify(form), ask, async () => {
        const answer = await http.request({ method: 'POST', path: 'api/v1/query_exemplars', form, signal: ask.signal });
        return exemplarsIn(http.name, answer, names);
      });
    },
    storage: async (ask) => {
      if (kept !== null && options.clock.nowMs() - kept.atMs < cacheMs) return kept.storage;
      const { storage, isSure } = await once('storage', ask, () => askStorage(http, ask));
      if (isSure) kept = { atMs: options.clock.nowMs(), storage };
      return storage;
    },
  };
};
