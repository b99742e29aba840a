import type { Labels } from '../alert.ts';
import type { EdgeEnd } from '../edge.ts';
import type { Gap } from '../gathered.ts';
import type { Events, Slo, SloReporter } from '../slo.ts';
import type { EpochMs, Window } from '../time.ts';

/** Tools whose rules record service levels. */
export type Recorder = 'Sloth' | 'Pyrra' | 'Grafana SLO';

/**
 * What weighs in a share of a period. By time: every five minutes weigh the same, however many events they had. Nearly by events: summed
 * of increases of five minutes, whose edges lose a little. Not known: the rule that records it could not be read.
 */
export type Weighing = 'events' | 'nearly-events' | 'time' | 'not-known';

/** How the figures of an objective were come by. Figures of two methods are never compared without saying so. */
export type SloMethod =
  /** Increases of every hour of the window, those of finished days from our store: busy hours weigh what they are. */
  | { readonly kind: 'counted' }
  /** Series that rules of these tools record. */
  | { readonly kind: 'recorded'; readonly by: Recorder; readonly weighs: Weighing }
  /** The ratio of its file, asked for over the whole window at once. */
  | { readonly kind: 'asked'; readonly weighs: Weighing };

/** What is known of one window: the share of bad events, and the events where those are known. */
export type Burnt = { readonly ratio: number; readonly events: Events | null };

/** Bad events of one kind: who called, how they ended, which version answered. Null: not told apart. */
export type Spent = {
  readonly caller: EdgeEnd | null;
  /** "503 UF", "slower than 250 ms", "gRPC 14". */
  readonly ending: string;
  readonly version: string | null;
  readonly bad: number;
};

/** One hour (UTC) of the window. */
export type SloHour = {
  readonly startMs: EpochMs;
  readonly events: Events;
  /** 0–1: how much of it was scraped. Nothing seen is not nothing gone wrong. */
  readonly seen: number;
  readonly spent: readonly Spent[];
  /** Every version that answered anything in it, well or badly; absent: not told apart. */
  readonly versions?: readonly string[];
};

/** The hours of one day (UTC), as they were answered. `values` has 24 places; null: no value of that hour. Kept for good once the day is over. */
export type DayRows = {
  readonly day: EpochMs;
  readonly rows: readonly { readonly labels: Labels; readonly values: readonly (number | null)[] }[];
};

/** Windows of the past whose burn is told, in seconds. */
export const burnWindows = [300, 1800, 3600, 7200, 21_600, 86_400, 259_200] as const;
export type BurnWindow = (typeof burnWindows)[number];

/** What was found out about one objective. */
export type SloReading = {
  readonly slo: Slo;
  readonly atMs: EpochMs;
  /** What the window holds now, and how long all of it is. */
  readonly period: Window & { readonly wholeSeconds: number };
  /** Over the period; null: nothing was counted in it, or nothing is known. */
  readonly whole: Burnt | null;
  /** The windows that end now; one that is missing is not known, null had no events. */
  readonly burnt: ReadonlyMap<BurnWindow, Burnt | null>;
  /** Oldest first; empty where only ratios are recorded. */
  readonly hours: readonly SloHour[];
  /** 0–1: the part of the period, or of what is over since the first sample, of which anything was scraped. */
  readonly coverage: number;
  /** When its first sample came, where that lies within the period: the service is new, or was never counted before. */
  readonly sinceMs: EpochMs | null;
  readonly reporter: SloReporter | null;
  readonly method: SloMethod;
  /** Slots of five minutes that recorded 0/0 and were left out of the period, of those that recorded anything; absent: none. */
  readonly dropped?: { readonly slots: number; readonly of: number };
  readonly gaps: readonly Gap[];
};
