import type { EpochMs } from '../../domain/time.ts';
import type { Failure } from './classify.ts';

/** Whether Slack takes messages. `locked-out`: it refuses the bot itself; `unreachable`: it answers nobody. */
export type GateState =
  | { readonly kind: 'sending' }
  | { readonly kind: 'locked-out'; readonly why: string }
  | { readonly kind: 'unreachable'; readonly why: string };

const lockedOutMs = 30_000;
const longestMs = 30_000;
/** So many failures in a row, over all channels, are Slack's own trouble. */
const inARow = 3;
const atOnce = 16;

/**
 * Shuts when Slack itself is in trouble, so that an hour's outage costs a probe every half minute and no message an attempt, and opens
 * with the first success: everything that waited goes at once, as fast as the rates allow.
 */
export const gate = (nowMs: () => EpochMs) => {
  let state: GateState = { kind: 'sending' };
  let failures = 0;
  let shutUntilMs = 0;
  return {
    state: (): GateState => state,
    /** How many may be on their way now: one probe while there is trouble, none until its pause is over. */
    room: (): number => (state.kind === 'sending' ? atOnce : nowMs() >= shutUntilMs ? 1 : 0),
    succeeded: (): void => {
      failures = 0;
      state = { kind: 'sending' };
    },
    failed: (failure: Failure): void => {
      if (failure.kind === 'locked-out') {
        state = { kind: 'locked-out', why: failure.why };
        shutUntilMs = nowMs() + lockedOutMs;
        return;
      }
      if (failure.kind !== 'later' && failure.kind !== 'unknown') return;
      failures += 1;
      if (failures < inARow) return;
      state = { kind: 'unreachable', why: failure.why };
      shutUntilMs = nowMs() + Math.min(longestMs, 1000 * 2 ** Math.min(failures - inARow, 5));
    },
  };
};
