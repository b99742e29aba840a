import type { Events, Slo } from '../slo.ts';
import { type EpochMs, hourMs } from '../time.ts';
import type { SloReading } from './reading.ts';
import type { SloStanding, SloState } from './standing.ts';

/** How an objective stood when it was last read, for those who cannot wait until it is read again. */
export type KnownStanding = {
  readonly slo: Slo;
  /** The one that it was read in. */
  readonly cluster: string;
  /** When it was read. */
  readonly atMs: EpochMs;
  readonly period: SloReading['period'];
  readonly state: SloState;
  readonly left: number | null;
  /** Of the period; null where only ratios are known, or nothing. */
  readonly events: Events | null;
  readonly exhaustedAtMs: EpochMs | null;
};

/** Read again every hour; a day later it is no longer how things stand. */
const knownForMs = 25 * hourMs;

export const isStillKnown = ({ atMs }: Pick<KnownStanding, 'atMs'>, nowMs: EpochMs): boolean => nowMs - atMs < knownForMs;

export const knownStanding = (reading: SloReading, standing: SloStanding, cluster: string): KnownStanding => ({
  slo: reading.slo,
  cluster,
  atMs: reading.atMs,
  period: reading.period,
  state: standing.state,
  left: standing.left,
  events: reading.whole?.events ?? null,
  exhaustedAtMs: standing.exhaustedAtMs,
});
