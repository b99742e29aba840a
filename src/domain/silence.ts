import type { Labels } from './alert.ts';
import type { EpochMs } from './time.ts';

/** Equality only: a silence made here never hides more than it names. */
export type SilenceMatcher = { readonly name: string; readonly value: string };

/** A silence that is wanted; `createdBy` is `slack:U…`. */
export type NewSilence = {
  readonly matchers: readonly SilenceMatcher[];
  readonly startsAtMs: EpochMs;
  readonly endsAtMs: EpochMs;
  readonly createdBy: string;
  readonly comment: string;
};

/** A silence as Alertmanager has it, whoever made it. */
export type Silence = {
  readonly id: string;
  readonly state: 'active' | 'pending' | 'expired';
  readonly startsAtMs: EpochMs;
  readonly endsAtMs: EpochMs;
  readonly createdBy: string;
  readonly comment: string;
  /** As Alertmanager writes them, regular expressions and negations among them: `alertname="X"`. */
  readonly matchers: readonly string[];
};

/** What people may silence from here; from configuration. */
export type SilenceLimits = { readonly isAllowed: boolean; readonly mostSeconds: number };

/** Labels of an alert that lives in Alertmanager now: what a preview counts. */
export type LivingAlert = { readonly fingerprint: string; readonly labels: Labels; readonly isSilenced: boolean };
