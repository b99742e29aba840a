import { counted, share } from '../../../domain/words.ts';
import { attemptsText } from '../attempts.ts';
import { callsBelow } from '../below.ts';
import { retriesSeen } from '../counters.ts';
import { calleeOf, logs } from '../look.ts';
import type { Rule } from '../rule.ts';
import { codesOf, confidenceOf, isBare, isSlowOnTheWay, mostly, proxyOf, requestsAt } from '../scene.ts';
import { toldOfErrors } from '../traced/errors.ts';
import { toldOfTries } from '../traced/tries.ts';

/** URX alone: the last attempt was a real answer, and it was bad too. With UF or UT beside it, that flag is the cause and not this one. */
export const retryExhausted: Rule = {
  name: 'retry-exhausted',
  find: (scene) => {
    const lastAnswer = (outcome: Parameters<typeof isBare>[0]): boolean => outcome.flags.includes('URX') && isBare(outcome);
    const part = mostly(scene, lastAnswer);
    if (part === null) return null;
    const { caller, callee } = scene;
    const below = callsBelow(scene);
    const isClear = below.kind === 'clear';
    const retries = retriesSeen(scene);
    const tried = attemptsText(scene);
    const codes = codesOf(scene, part.at, lastAnswer);
    const who = isClear ? callee : `${callee}, or ${below.kind === 'suspect' ? below.callee : 'something'} below it,`;
    return {
      side: 'callee application',
      confidence: isClear ? confidenceOf(scene, part.requests, part.whole) : 'possible',
      sentence: `${who} still answers with errors (${codes.join(', ')}) when the proxy of ${caller} gives up trying: ${share(part.requests, requestsAt(scene, part.at))} of the requests${tried === null ? '' : `; ${tried}`}`,
      evidence: [
        `${counted(part.requests, 'request')} ended with URX at ${proxyOf(scene, part.at)}, after a real answer of ${callee}`,
        retries ?? 'how often each was tried is not counted here',
        ...(isClear ? [] : [below.evidence]),
      ],
      firstCheck: logs(`Read the errors in the log of ${callee}; more retries would only add load`, calleeOf(scene)),
      badEvents: part.requests,
      explains: ['callee-errors', 'grpc-errors', ...(isSlowOnTheWay(scene) ? ['slow-callee', 'slow-dependency'] : [])],
    };
  },
  told: (scene, found) => {
    const errors = toldOfErrors(scene, found, null);
    return { ...errors, ...toldOfTries(scene, { ...found, ...errors }) };
  },
};
