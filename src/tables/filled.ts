import { quantile } from '../domain/histogram.ts';
import { counterOf, failedMeans, type Mesh } from '../domain/mesh.ts';
import type { Histogram } from '../domain/signals.ts';
import { count, quantileText, rate, success } from '../domain/words.ts';
import type { Found } from '../find-edges.ts';
import type { AnswerTable, TableRow } from '../stages/compose/tables.ts';
import type { AskedEdges } from '../stages/measure/asked.ts';
import type { StatEdge } from '../stages/measure/stat.ts';

/** What a table makes of the edges that were asked for. */
export type Filled = Pick<AnswerTable, 'lead' | 'wrapped' | 'columns' | 'figures' | 'none' | 'facts' | 'gaps' | 'spoken'> & {
  readonly rows: readonly TableRow[];
};

/** The asked edges as they are counted, and what was asked. */
export type Asked = {
  readonly found: Found;
  readonly question: AskedEdges;
  /** To the other moment, of a comparison. */
  readonly agoSeconds: number;
};

/** "≥ 10 s" where it lies beyond the last bucket; "–" of no buckets. */
export const quantileOf = (latency: Histogram | null, q: number): string => {
  const value = latency === null ? null : quantile(q, latency);
  return value === null ? '–' : quantileText(value);
};

/** Of few requests how many, of others the share. */
export const successOf = ({ counts: { requests, failed } }: Pick<StatEdge, 'counts'>): string =>
  requests < 20 ? `${count(requests - failed)} of ${count(requests)}` : success(failed < 0.5 ? 0 : failed / requests);

/** Requests a second; of bare TCP connections that ended, marked as such. */
export const rateOf = ({ noun, counts }: Pick<StatEdge, 'noun' | 'counts'>, seconds: number): string => {
  const perSecond = rate(counts.requests / seconds);
  return noun === 'connection' ? `${perSecond} TCP` : perSecond;
};

const reporterOf = (edges: readonly StatEdge[], mesh: Mesh): string => {
  if (mesh === 'ambient') return counterOf(mesh, 'caller');
  const callee = edges.filter(({ reporter }) => reporter === 'callee').length;
  if (callee === 0) return "the callers' proxies";
  return callee === edges.length ? "the callees' proxies" : "the callers' proxies, the callee's where no caller's reports";
};

/** What the figures of these edges are: who counted, and what counts as failed. */
export const factsOf = (edges: readonly StatEdge[], mesh: Mesh): readonly string[] => [
  `counted by ${reporterOf(edges, mesh)}`,
  failedMeans(mesh),
  ...(edges.some(({ noun }) => noun === 'connection') ? ['TCP: connections that ended, whole where no flag says otherwise'] : []),
];
