import { z } from 'zod';
import type { HttpAnswer } from '../http/client.ts';

const buildInfo = z.object({ data: z.object({ version: z.string().optional(), goVersion: z.string().optional() }) });
const flags = z.object({ data: z.record(z.string(), z.string()) });

/** A good answer of this shape, else null. */
export const readAnswer = <T>(answer: HttpAnswer | null, schema: z.ZodType<T>): T | null => {
  try {
    return answer?.status === 200 ? (schema.safeParse(JSON.parse(answer.text)).data ?? null) : null;
  } catch {
    return null;
  }
};

/**
 * Whether it keeps exemplars, by its feature list (Prometheus 3.9 and newer), else by its flags; null where neither says. An empty answer of the
 * exemplars API would mean nothing. Thanos has flags of the same name and other features.
 */
export const saysExemplarStorage = (features: HttpAnswer | null, flagList: HttpAnswer | null): boolean | null => {
  const said = features?.status === 200 ? /"exemplar_storage"\s*:\s*(true|false)/.exec(features.text)?.[1] : undefined;
  if (said !== undefined) return said === 'true';
  const all = readAnswer(flagList, flags)?.data ?? {};
  const enabled = Object.hasOwn(all, 'grpc-address') ? undefined : all['enable-feature'];
  return enabled === undefined ? null : enabled.split(',').includes('exemplar-storage');
};

/** VictoriaMetrics says that it is an old Prometheus, or nothing, and never which compiler it is of (its documentation, "Prometheus querying API usage"). */
export const isVictoriaMetrics = (build: HttpAnswer | null): boolean => {
  const info = readAnswer(build, buildInfo)?.data;
  return info !== undefined && info.goVersion === undefined && (info.version ?? '2.24.0') === '2.24.0';
};
