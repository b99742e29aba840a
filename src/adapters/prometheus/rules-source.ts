import { labelsOf } from '../../domain/alert.ts';
import type { Clock, RulesSource } from '../../ports.ts';
import type { HttpSource } from '../http/client.ts';
import { expectJson } from '../http/json.ts';
import { rulesAnswer } from './schema.ts';

type Rule = {
  readonly groupId: string | null;
  readonly type: string;
  readonly name: string;
  readonly query: string;
  readonly duration?: number | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
};

const cacheMs = 5 * 60_000;
/** A slow answer is read to its end for the next who asks, though the first has gone on without it. */
const readMs = 15_000;
const maxBytes = 32 * 1024 * 1024;

/** The rules API of Prometheus, Thanos, Mimir or vmalert; read at most once in five minutes, and once for all who ask at the same time. */
export const prometheusRules = (http: HttpSource, clock: Pick<Clock, 'nowMs'>): RulesSource => {
  let cached: { readonly atMs: number; readonly rules: Promise<readonly Rule[]> } | null = null;
  const all = (): Promise<readonly Rule[]> => {
    if (cached && clock.nowMs() - cached.atMs < cacheMs) return cached.rules;
    const rules = http
      .request({ path: 'api/v1/rules', signal: AbortSignal.timeout(readMs), maxBytes })
      .then((answer) =>
        expectJson(http.name, answer, rulesAnswer).data.groups.flatMap(({ id, rules: own }) =>
          own.map((rule) => ({ ...rule, groupId: id ?? null })),
        ),
      );
    cached = { atMs: clock.nowMs(), rules };
    rules.catch(() => {
      cached = null;
    });
    return rules;
  };
  return {
    name: http.name,
    alerting: async () =>
      (await all())
        .filter(({ type }) => type === 'alerting')
        .map(({ name, query, duration, labels, groupId }) => ({
          name,
          expression: query,
          forSeconds: duration ?? 0,
          labels: labelsOf(Object.entries(labels ?? {})),
          groupId,
        })),
    recording: async () =>
      (await all())
        .filter(({ type }) => type === 'recording')
        .map(({ name, query, labels }) => ({ name, expression: query, labels: labelsOf(Object.entries(labels ?? {})) })),
  };
};
