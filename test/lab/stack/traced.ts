import type { Evidence } from '../../../src/domain/evidence.ts';
import type { PathPart } from '../../../src/domain/trace.ts';

/** What a triage knew of the worst trace of its edge. */
export type Traced = {
  readonly isFound: boolean;
  /** Null where none was found. */
  readonly id: string | null;
  /** "bank.finance, own"; null where time was spread over several, or none was found. */
  readonly culprit: string | null;
  /** "bank.finance client UF": the span at which the failure began; null where nothing failed. */
  readonly origin: string | null;
  /** What the trace says, or why there is none. */
  readonly says: string;
};

const culpritText = (culprit: PathPart | null): string | null =>
  culprit === null ? null : `${culprit.service}, ${culprit.time}`;

/** Null where no trace store was asked. */
export const tracedOf = ({ tracing }: Pick<Evidence, 'tracing'>): Traced | null => {
  if (tracing === undefined) return null;
  const none = { isFound: false, id: null, culprit: null, origin: null };
  if (!tracing.ok) return { ...none, says: `${tracing.gap.source} ${tracing.gap.detail}` };
  const { worst, seen } = tracing.value;
  if (worst === null) return { ...none, says: `none, of ${seen} of the edge that the store told of` };
  const { trace, analysis, sentence } = worst;
  const origin = trace.spans[analysis.errorOrigin ?? -1];
  return {
    isFound: true,
    id: trace.id,
    culprit: culpritText(analysis.culprit),
    origin: origin === undefined ? null : [origin.service, origin.kind, ...origin.flags].filter(Boolean).join(' '),
    says: sentence,
  };
};
