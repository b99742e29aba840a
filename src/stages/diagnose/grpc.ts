import { failingStatus } from '../../domain/grpc.ts';
import { haveWaited } from '../../domain/patience.ts';
import type { Outcome, Reporter } from '../../domain/signals.ts';
import { badAt, badWith, isBare, isMost, type Scene } from './scene.ts';

/** The failure rides in the gRPC status, on an HTTP code that is none: gRPC answers 200 whatever happens. */
export const isGrpcFailure = (outcome: Outcome): boolean =>
  failingStatus(outcome.grpcStatus) !== null && !/^[45]/.test(outcome.code) && isBare(outcome);

/** Whose count of the failures is read: the callee's own, where it sees any. */
export const seenBy = (scene: Scene): Reporter => (badAt(scene, 'callee') > 0 ? 'callee' : 'caller');

/** Requests whose gRPC deadline ran out, where they are most of the failures and have waited for it; else 0. */
export const deadlinesExceeded = (scene: Scene): number => {
  const reporter = seenBy(scene);
  const late = badWith(scene, reporter, (outcome) => outcome.grpcStatus === '4');
  return isMost(late, badAt(scene, reporter)) && haveWaited(scene.judged, late) ? late : 0;
};
