import type { Telling } from './result.ts';

/** A message is edited in place: what it told first rang the pager, and counts as much as what it tells at last. */

/**
 * What counts of all that a message told, in order. Without a verdict yet it was neither right nor wrong, as long as a later one came and
 * nothing that it said is false.
 */
export const countedOf = <T extends Telling>(all: readonly T[]): readonly T[] =>
  all.filter(({ said, grade }, index) => index === all.length - 1 || said.verdict !== null || !grade.marks.clean);

/** The one with most that is wrong; of equals the last. */
export const worstOf = <T extends Telling>(all: readonly T[]): T =>
  all.reduceRight((worst, one) => (one.grade.why.length > worst.grade.why.length ? one : worst));
