import type { Confidence, Finding } from '../../../domain/diagnosis.ts';
import type { SaidOfTrace } from '../../../domain/trace-sentence.ts';

/**
 * What one request may change of a finding that metrics proved: its words, where to look, whose side it is on, never that there is one,
 * which edge it is about or how it ranks.
 */
export type Told = Partial<Pick<Finding, 'side' | 'confidence' | 'sentence' | 'evidence' | 'firstCheck' | 'traced'>>;

/** Behind what metrics say first, within the three lines that are shown. */
export const withLine = (evidence: readonly string[], line: string): readonly string[] => [
  ...evidence.slice(0, 1),
  line,
  ...evidence.slice(1),
];

/** The same of a line that says in full what the line of the trace would say again. */
export const tells = (evidence: readonly string[], line: string, what: NonNullable<SaidOfTrace>): Told => ({
  evidence: withLine(evidence, line),
  traced: { what, line },
});

/** One request proves nothing of the others. */
export const atMostLikely = (confidence: Confidence): Confidence => (confidence === 'clear' ? 'likely' : confidence);
