import type { Fault } from '../lab.ts';

/** Every fault of the lab, in the order in which they run. */
export const faults: readonly Fault[] = [];
