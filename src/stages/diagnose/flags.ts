import type { Outcome } from '../../domain/signals.ts';

/** URX alone means that the last attempt was a real answer; it says nothing else. */
export const bare = ({ flags }: Outcome): boolean => flags.every((flag) => flag === 'URX');
