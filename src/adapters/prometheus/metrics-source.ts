import type { z } from 'zod';
import { labelsOf } from '../../domain/alert.ts';
import { SourceError } from '../../domain/gathered.ts';
import { pinned } from '../../domain/promql/tree.ts';
import type { Matcher } from '../../domain/promql.ts';
import type { Answer, Ask, MetricsSource, Sample, Series } from '../../ports.ts';
import type { HttpSource } from '../http/client.ts';
import { singleFlight } from '../http/flights.ts';
import { parseJson } from '../http/json.ts';
import { failureOf } from './failure.ts';
import { instantAnswer, numberOf, rangeAnswer } from './schema.ts';

type PrometheusOptions = {
  /** Added to every selector: several clusters may share one source. */
  readonly pinned: readonly Matcher[];
  /** Queries running at once against this source. */
  readonly concurrency: number;
  /** Most series one answer may have. */
  readonly maxSeries: number;
  readonly queryTimeoutSeconds: number;
  readonly onQuery: (samples: number | null, seconds: number, isOk: boolean) => void;
};

type Parameters = readonly (readonly [string, string])[];

/** One query by POST form, with its timeout and its statistics; counted whether it succeeds or not. */
const poster =
  (http: HttpSource, options: PrometheusOptions) =>
  async <T>(path: string, parameters: Parameters, schema: z.ZodType<T>, { signal }: Ask): Promise<T> => {
    const startedMs = performance.now();
    let samples: number | null = null;
    let isOk = false;
    try {
      const form = [...parameters, ['timeout', `${options.queryTimeoutSeconds}s`], ['stats', 'all']] as const;
      const answer = await http.request({ method: 'POST', path, form, signal });
      if (answer.status !== 200) throw failureOf(http.name, answer);
      const data = parseJson(http.name, answer, schema);
      samples = samplesOf(data);
      isOk = true;
      return data;
    } finally {
      options.onQuery(samples, (performance.now() - startedMs) / 1000, isOk);
    }
  };

/** An empty answer of a partial response (Thanos) is asked once more without it, before it may mean zero. */
const whole = async <T>(ask: (partial: boolean) => Promise<Answer<readonly T[]>>): Promise<Answer<readonly T[]>> => {
  const answer = await ask(true);
  if (answer.value.length > 0 || answer.warnings.length === 0) return answer;
  return ask(false).catch(() => answer);
};

const capped = <T>(name: string, result: readonly T[], most: number): readonly T[] => {
  if (result.length > most)
    throw new SourceError(name, 'too-expensive', `answered with ${result.length} series, more than ${most}`);
  return result;
};

type InstantData = z.output<typeof instantAnswer>;

const samplesFrom = (name: string, { data }: InstantData, most: number): readonly Sample[] => {
  if (data.resultType === 'scalar')
    return [{ labels: labelsOf([]), atMs: data.result[0] * 1000, value: numberOf(data.result[1]) }];
  if (data.resultType !== 'vector') return [];
  return capped(name, data.result, most).flatMap(({ metric, value }) =>
    value === undefined ? [] : [{ labels: labelsOf(Object.entries(metric)), atMs: value[0] * 1000, value: numberOf(value[1]) }],
  );
};

/** Prometheus and its like (Thanos, Mimir, VictoriaMetrics). */
export const prometheus = (http: HttpSource, options: PrometheusOptions): MetricsSource => {
  const post = poster(http, options);
  const once = singleFlight(options.concurrency);
  const instant = async (promql: string, atMs: number, ask: Ask, partial: boolean): Promise<Answer<readonly Sample[]>> => {
    const data = await post(
      'api/v1/query',
      [
        ['query', promql],
        ['time', (atMs / 1000).toFixed(3)],
        ['partial_response', String(partial)],
      ],
      instantAnswer,
      ask,
    );
    return {
      value: samplesFrom(http.name, data, options.maxSeries),
      warnings: data.warnings ?? [],
      samplesRead: samplesOf(data),
    };
  };
  const range = async (
    promql: string,
    parameters: Parameters,
    ask: Ask,
    partial: boolean,
  ): Promise<Answer<readonly Series[]>> => {
    const data = await post(
      'api/v1/query_range',
      [['query', promql], ...parameters, ['partial_response', String(partial)]],
      rangeAnswer,
      ask,
    );
    const value = capped(http.name, data.data.result, options.maxSeries).map(({ metric, values = [] }) => ({
      labels: labelsOf(Object.entries(metric)),
      points: values.map(([at, text]) => [at * 1000, numberOf(text)] as const),
    }));
    return { value, warnings: data.warnings ?? [], samplesRead: samplesOf(data) };
  };
  return {
    name: http.name,
    instant: (promql, atMs, ask) => {
      const text = pinned(promql, options.pinned);
      return once(JSON.stringify([text, atMs]), ask, () => whole((partial) => instant(text, atMs, ask, partial)));
    },
    range: (promql, { startMs, endMs, stepSeconds }, ask) => {
      const text = pinned(promql, options.pinned);
      const parameters = [
        ['start', (startMs / 1000).toFixed(3)],
        ['end', (endMs / 1000).toFixed(3)],
        ['step', String(stepSeconds)],
      ] as const;
      return once(JSON.stringify([text, startMs, endMs, stepSeconds]), ask, () =>
        whole((partial) => range(text, parameters, ask, partial)),
      );
    },
  };
};

const samplesOf = (data: unknown): number | null =>
  (data as { data?: { stats?: { samples?: { totalQueryableSamples?: number } } } }).data?.stats?.samples?.totalQueryableSamples ??
  null;
