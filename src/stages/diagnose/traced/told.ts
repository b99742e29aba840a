import type { Confidence, Finding } from '../../../domain/diagnosis.ts';

/**
 * What one request may change of a finding that metrics proved: its words, where to look, whose side it is on, never that there is one,
 * which edge it is about or how it ranks.
 */
export type Told = Partial<Pick<Finding, 'side' | 'confidence' | 'sentence' | 'evidence' | 'firstCheck'>>;

/** Behind what metrics say first, within the three lines that are shown. */
export const withLine = (evidence: readonly string[], line: string): readonly string[] => [
  ...evidence.slice(0, 1),
  line,
  ...evidence.slice(1),
];

/** One request proves nothing of the others. */
export const atMostLikely = (confidence: Confidence): Confidence => (confidence === 'clear' ? 'likely' : confidence);
