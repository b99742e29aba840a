import { z } from 'zod';

/** Prometheus' HTTP API, as far as we read it. Values are text, since JSON has no NaN. */
const labels = z.record(z.string(), z.string());
const point = z.tuple([z.number(), z.string()]);

/** A value that is text, as a number: NaN and infinities too. */
export const numberOf = (text: string): number =>
  text === '+Inf' || text === 'Inf' ? Number.POSITIVE_INFINITY : text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);

const sample = z.object({ metric: labels, value: point.optional() });
const series = z.object({ metric: labels, values: z.array(point).optional() });
const stats = z.object({ samples: z.object({ totalQueryableSamples: z.number().optional() }).optional() }).optional();

const envelope = {
  status: z.literal('success'),
  warnings: z.array(z.string()).optional(),
  infos: z.array(z.string()).optional(),
};

export const instantAnswer = z.object({
  ...envelope,
  data: z.union([
    z.object({ resultType: z.literal('vector'), result: z.array(sample), stats }),
    z.object({ resultType: z.literal('scalar'), result: point, stats }),
    z.object({ resultType: z.enum(['matrix', 'string']), result: z.unknown(), stats }),
  ]),
});

export const rangeAnswer = z.object({ ...envelope, data: z.object({ resultType: z.string(), result: z.array(series), stats }) });

export const errorAnswer = z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() });

export const rulesAnswer = z.object({
  ...envelope,
  data: z.object({
    groups: z.array(
      z.object({
        /** vmalert's; Prometheus and Thanos have none. */
        id: z.string().optional(),
        rules: z.array(
          z.object({
            type: z.string(),
            name: z.string(),
            query: z.string(),
            duration: z.number().optional(),
            labels: labels.optional(),
          }),
        ),
      }),
    ),
  }),
});

/** Exemplars of one series each; Thanos says `null` for none. What is no exemplar is left out by itself. */
export const exemplarsAnswer = z.object({
  ...envelope,
  data: z.array(z.object({ seriesLabels: labels, exemplars: z.array(z.unknown()).nullish() })).nullish(),
});

/** Its value is text, its moment a number of seconds. */
export const exemplar = z.object({ labels, value: z.string(), timestamp: z.number() });
