import { printsFlags } from '../../../domain/mesh.ts';
import type { Reporter } from '../../../domain/signals.ts';
import { count, counted, share } from '../../../domain/words.ts';
import { neverArrived } from '../arrival.ts';
import { attemptsText } from '../attempts.ts';
import { callsBelow } from '../below.ts';
import { ejections, retriesSeen } from '../counters.ts';
import { calleeOf, logs } from '../look.ts';
import { mayBeLimit } from '../own-answer.ts';
import type { Rule } from '../rule.ts';
import { badAt, badWith, codesOf, confidenceOf, hasErrors, isBare, isMost, proxyOf, requestsAt, type Scene } from '../scene.ts';
import { toldOfErrors } from '../traced/errors.ts';

/** "payments itself answers", or who else may be behind it. */
const textOf = (scene: Scene, reporter: Reporter, orElse: string | null): string => {
  const { callee } = scene;
  const said = badWith(scene, reporter, isBare);
  const codes = codesOf(scene, reporter, isBare);
  const tried = attemptsText(scene);
  const who = orElse === null ? `${callee} itself answers` : `${callee}, or ${orElse}, answers`;
  return `${who} with errors${codes.length > 0 ? ` (${codes.join(', ')})` : ''}: ${share(said, requestsAt(scene, reporter))} of what ${orElse === null ? 'it' : callee} got${tried === null ? '' : `; ${tried}`}`;
};

const reporterOf = (scene: Scene): Reporter => (badAt(scene, 'callee') > 0 ? 'callee' : 'caller');

/** Failures without a flag, seen alike by both reporters: the application said so itself. */
export const calleeErrors: Rule = {
  name: 'callee-errors',
  find: (scene) => {
    if (!hasErrors(scene)) return null;
    if (neverArrived(scene)) return null;
    const reporter = reporterOf(scene);
    const bad = badAt(scene, reporter);
    const said = badWith(scene, reporter, isBare);
    if (!isMost(said, bad)) return null;
    const { callee } = scene;
    const { mesh } = scene.evidence;
    const retries = retriesSeen(scene);
    const isHidden = reporter === 'callee' && badAt(scene, 'caller') < bad / 2 && scene.judged.reading.caller !== null;
    const ejected = ejections(scene);
    const below = callsBelow(scene);
    const isClear = below.kind === 'clear';
    const other = below.kind === 'suspect' ? below.callee : 'something';
    const isEither = isClear && mayBeLimit(scene, reporter);
    const orElse = isEither ? `a limit of time at ${proxyOf(scene, reporter)}` : isClear ? null : `${other} below it`;
    return {
      side: 'callee application',
      confidence: isClear ? confidenceOf(scene, said, bad) : 'possible',
      sentence: textOf(scene, reporter, orElse),
      evidence: [
        printsFlags(mesh)
          ? `${counted(said, 'failed request')} without a response flag: the application said so${isEither ? ', or a longest duration there, for which Envoy prints none either' : ''}`
          : `${counted(said, 'failed request')} at ${proxyOf(scene, reporter)}`,
        ...(scene.judged.reading.callee !== null && scene.judged.reading.caller !== null
          ? [
              `both proxies count them: ${count(badAt(scene, 'caller'))} at the caller, ${count(badAt(scene, 'callee'))} at the callee`,
            ]
          : []),
        ...(isHidden ? [`retries of ${scene.caller} hide most of them from its users`] : []),
        ...(retries === null ? [] : [retries]),
        ...(ejected > 0 ? [`outlier detection then ejected ${counted(ejected, 'host')}`] : []),
        ...(scene.judged.reading.calleeReports || !isClear ? [below.evidence] : []),
      ],
      firstCheck: logs(
        `Read the errors in the log of ${callee}${isEither ? '; where it has none, see the longest duration that its proxy allows' : ''}`,
        calleeOf(scene),
      ),
      badEvents: said,
      explains: [],
    };
  },
  told: (scene, found) => toldOfErrors(scene, found, (whom) => textOf(scene, reporterOf(scene), `${whom} below it`)),
};
