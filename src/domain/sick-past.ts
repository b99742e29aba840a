import { type Edge, edgeKey } from './edge.ts';
import { judgeEdge, leading } from './judgement.ts';
import type { Counts, EdgeReading, ReporterReading } from './signals.ts';

/**
 * A past of which more than this failed, or was refused, is no yardstick: with an incident inside the baseline no test sees the incident.
 * Edges that live with a few per cent exist in every mesh, and nobody is to be woken for them.
 */
export const sickFrom = 0.1;
/** As for an edge without any past: an absolute look needs numbers. */
const least = { requests: 20, bad: 20 } as const;

/** Which share failed and which was refused, of everything that is known of before; nothing of too few requests. */
export const pastShares = ({ counts }: ReporterReading): { readonly failed: number; readonly refused: number } => {
  const past = [...counts.local, ...counts.base.map(({ value }) => value)];
  const sum = (of: (value: Counts) => number): number => past.reduce((all, value) => all + of(value), 0);
  const requests = sum((value) => value.requests);
  if (requests < least.requests) return { failed: 0, refused: 0 };
  return { failed: sum(({ failed }) => failed) / requests, refused: sum(({ refused }) => refused) / requests };
};

const worstShare = (side: ReporterReading): number => Math.max(...Object.values(pastShares(side)));

/**
 * The edge is plainly bad now, was so all along, and an alert calls it: that it is "within what it usually does" would be true and of no
 * use. It is then judged as an edge without a past, on its absolute numbers, and the message says that it is not new.
 */
const isSickAsEver = (reading: EdgeReading): boolean => {
  const judged = judgeEdge(reading, 'named');
  const side = leading(judged);
  const now = (reading.caller ?? reading.callee)?.counts.now;
  if (side === null || now === undefined || judged.isSick) return false;
  const isAsEver = (bad: number, usual: number): boolean =>
    now.requests >= least.requests && bad >= least.bad && bad / now.requests >= sickFrom && usual >= sickFrom;
  return isAsEver(now.failed, side.errors.usual) || isAsEver(now.refused, side.refused.usual);
};

/** The readings, each marked whose own past is sick. */
const withSickPast = (readings: readonly EdgeReading[]): readonly EdgeReading[] =>
  readings.map((reading) => {
    const sickPast = Math.max(...[reading.caller, reading.callee].map((side) => (side === null ? 0 : worstShare(side))));
    return sickPast < sickFrom ? reading : { ...reading, sickPast };
  });

/** The readings around the edge that an alert calls: marked where that edge is as sick as ever, else as they are. */
export const withPast = (edge: Edge, readings: readonly EdgeReading[]): readonly EdgeReading[] =>
  readings.some((reading) => edgeKey(reading.edge) === edgeKey(edge) && isSickAsEver(reading))
    ? withSickPast(readings)
    : readings;

/** What is known already stays; the rest is judged by the same yardstick. */
export const joinedWith = (readings: readonly EdgeReading[], more: readonly EdgeReading[]): readonly EdgeReading[] => {
  const known = new Set(readings.map((reading) => edgeKey(reading.edge)));
  const isOldNews = readings.some(({ sickPast }) => sickPast !== undefined);
  return [...readings, ...(isOldNews ? withSickPast(more) : more).filter((reading) => !known.has(edgeKey(reading.edge)))];
};
