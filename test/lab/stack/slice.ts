import { busyMs, type FaultResult, isRight } from './result.ts';

/** Of the few faults of a slice: with more than these undecided the run has shown nothing. */
const mostUndecided = 2;

/** What a slice has shown, each wrong fault of which was tried twice; the words are for what is not right, yet not the bot's. */
type Outcome = { readonly passes: boolean; readonly words: readonly string[] };

/**
 * Wrong on a machine that is too busy to tell its own mistakes from the bot's. Silence is wrong on any machine, and so is an error of the lab
 * or of the way from verdict to message.
 */
const isUndecided = (result: FaultResult): boolean =>
  !isRight(result) && result.lagMs > busyMs && result.errors.length === 0 && result.messages.length > 0;

/** Whether a slice shows that lab, bot and verdicts still meet. */
export const outcomeOf = (results: readonly FaultResult[]): Outcome => {
  const undecided = results.filter(isUndecided);
  const isTooMuch = undecided.length > mostUndecided;
  return {
    passes: !isTooMuch && results.every((result) => isRight(result) || isUndecided(result)),
    words: [
      ...undecided.map(({ name, lagMs }) => `NOT JUDGED: ${name} was wrong on a busy machine (timers ${lagMs} ms late)`),
      ...(isTooMuch
        ? [`FAILED: ${undecided.length} of ${results.length} could not be judged, at most ${mostUndecided} may be`]
        : []),
    ],
  };
};
