import { type Labels, labelOf } from '../../domain/alert.ts';
import type { Dialect } from '../../domain/dialect.ts';
import { byEdgeKey, calleeName, callerName, type Edge, edgeKey, type Located } from '../../domain/edge.ts';
import { selfMade } from '../../domain/inference/ranking.ts';
import { tagged, tagLabel } from '../../domain/promql/union.ts';
import { duration, selector, sumBy } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { edgeLabels, readRow } from '../../domain/row.ts';
import type { Reporter } from '../../domain/signals.ts';
import type { EpochMs } from '../../domain/time.ts';
import { isAt, type NamedEnd } from './named-end.ts';
import { fewRequests } from './volume.ts';

const pastOffsets = [3600, 86_400, 604_800] as const;

const pastTag = (offset: number): string => `past ${offset}`;

/** Means of the whole mesh: now, just before, and at the same hour of the past. Asked when no edge fails more than it used to. */
export const planMeshSeconds = (dialect: Dialect, atMs: EpochMs, seconds: number): readonly PlannedQuery[] => {
  const windows = [['now', 0], ['before', seconds], ...pastOffsets.map((offset) => [pastTag(offset), offset] as const)] as const;
  const parts = windows.flatMap(([tag, offset]) =>
    [dialect.views.caller, dialect.views.callee].flatMap((view) =>
      (['durationSum', 'durationCount'] as const).map((part) => {
        const shift = offset > 0 ? ` offset ${duration(offset)}` : '';
        const counted = `increase(${selector(dialect.metrics[part], view.matchers)}[${duration(seconds)}]${shift})`;
        return tagged(`${part} ${tag}`, sumBy(edgeLabels(view), counted));
      }),
    ),
  );
  return [
    {
      id: 'mesh-seconds',
      what: 'the latency of the whole mesh',
      promql: parts.join(' or '),
      budget: 'edge',
      kind: 'instant',
      atMs,
    },
  ];
};

type Row = { readonly labels: Labels; readonly value: number };
type Means = { readonly edge: Edge; readonly parts: Map<string, number> };

const meansOf = (dialect: Dialect, cluster: string | null, rows: readonly Row[]): readonly Means[] => {
  const found = new Map<string, Means>();
  for (const { labels, value } of rows) {
    const read = readRow(dialect, cluster, labels);
    if (read === null || !Number.isFinite(value) || value < 0) continue;
    const means = found.get(edgeKey(read.edge)) ?? { edge: read.edge, parts: new Map() };
    const part = `${read.reporter} ${labelOf(labels, tagLabel)}`;
    means.parts.set(part, (means.parts.get(part) ?? 0) + value);
    found.set(edgeKey(read.edge), means);
  }
  return [...found.values()].sort((a, b) => byEdgeKey(a.edge, b.edge));
};

const slowerBy = 2;
const leastSeconds = 0.02;

type Look = { readonly requests: number; readonly mean: number };
type Slowness = { readonly requests: number; readonly excessSeconds: number; readonly ratio: number };

/** How much slower than ever at the same hour; 0 unless it is so now and was just before: noise rarely is twice. Null without requests. */
const slownessOf = ({ parts }: Means, reporter: Reporter, unit: number): Slowness | null => {
  const look = (tag: string): Look | null => {
    const requests = parts.get(`${reporter} durationCount ${tag}`) ?? 0;
    return requests < fewRequests
      ? null
      : { requests, mean: (unit * (parts.get(`${reporter} durationSum ${tag}`) ?? 0)) / requests };
  };
  const [now, before] = [look('now'), look('before')];
  if (now === null) return null;
  const past = pastOffsets.map((offset) => look(pastTag(offset))).filter((one) => one !== null);
  const usual = Math.max(...past.map(({ mean }) => mean));
  const isSlow = ({ mean }: Look): boolean => mean >= slowerBy * usual && mean - usual >= leastSeconds;
  return past.length > 0 && before !== null && isSlow(now) && isSlow(before)
    ? { requests: now.requests, excessSeconds: now.requests * (now.mean - usual), ratio: now.mean / Math.max(usual, 1e-6) }
    : { requests: now.requests, excessSeconds: 0, ratio: 1 };
};

/** Slow requests that an edge makes itself: its share of the seconds that are not passed on, in the currency of requests. */
export const rankSlow = (
  dialect: Dialect,
  cluster: string | null,
  rows: readonly Row[],
  end: NamedEnd | null,
): { readonly edge: Edge; readonly located: Located } | null => {
  const means = meansOf(dialect, cluster, rows);
  const unit = dialect.durationUnit === 'ms' ? 0.001 : 1;
  const looks = means.map((one) => [slownessOf(one, 'caller', unit), slownessOf(one, 'callee', unit)] as const);
  const own = selfMade(
    means.map(({ edge }, index) => ({
      caller: JSON.stringify([edge.source.namespace, callerName(edge)]),
      callee: JSON.stringify([edge.destination.namespace, calleeName(edge)]),
      atCaller: (looks[index]?.[0] ?? looks[index]?.[1])?.excessSeconds ?? 0,
      atCallee: looks[index]?.[1]?.excessSeconds ?? null,
    })),
  );
  const ranked = means
    .map(({ edge }, index) => {
      const worst = [...(looks[index] ?? [])]
        .filter((look) => look !== null)
        .sort((a, b) => b.excessSeconds - a.excessSeconds)[0];
      const share = worst && worst.excessSeconds > 0 ? Math.min(1, (own[index] ?? 0) / worst.excessSeconds) : 0;
      const slow = worst ? worst.requests * Math.min(1, Math.log(worst.ratio) / Math.log(3)) : 0;
      return { edge, events: slow * share, carried: slow };
    })
    .filter(({ edge }) => end === null || isAt(end)(edge));
  const by = (events: (one: (typeof ranked)[number]) => number) =>
    ranked.filter((one) => events(one) >= 10).sort((a, b) => events(b) - events(a) || byEdgeKey(a.edge, b.edge));
  const made = by(({ events }) => events);
  const [best] = made.length > 0 || end === null ? made : by(({ carried }) => carried);
  if (!best) return null;
  const total = made.reduce((sum, { events }) => sum + events, 0);
  return {
    edge: best.edge,
    located: {
      way: 'self-made',
      score: total > 0 ? Number((best.events / total).toFixed(2)) : 0.5,
      runnerUp: null,
      how: `edge from a look over the whole mesh: no edge fails more than usual, ${best.events > 0 ? 'this one adds most of the delay' : 'this one is slower'}`,
    },
  };
};
