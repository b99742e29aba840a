import type { Finding, FirstCheck, Side } from '../../../domain/diagnosis.ts';
import { isEnd, isProxySpan, namesOf } from '../../../domain/span-workload.ts';
import { howSlow } from '../latency.ts';
import { calleeOf, callerOf, rollouts, usage } from '../look.ts';
import type { Scene } from '../scene.ts';
import { type LikeCalls, likeCallsIn } from './like-calls.ts';
import { placeTraced } from './place.ts';
import { isSlowRequest, isUncounted, mayBlame, type Slowest, slowestOf, withSlowest } from './slowest.ts';
import { atMostLikely, type Told, tells } from './told.ts';
import { standOf, worstOf } from './worst.ts';

/** Calls of one operation in a loop, made by the callee, or to it. Whose doing they are is who makes them, whoever answers. */
type Loop = LikeCalls & { readonly by: 'callee' | 'its caller' };

/** Null where the request was not slow, or the loop is somebody else's. */
const loopIn = (scene: Scene): Loop | null => {
  const worst = worstOf(scene);
  const found = worst !== null && isSlowRequest(scene, worst) ? likeCallsIn(worst) : null;
  const maker = worst?.trace.spans[found?.maker ?? -1];
  if (worst === null || found === null || maker === undefined) return null;
  if (isEnd(namesOf(maker), scene.edge.destination)) return { ...found, by: 'callee' };
  const { kind } = standOf(scene, worst, found.part);
  return kind === 'callee' || kind === 'way' ? { ...found, by: 'its caller' } : null;
};

const loopCheck = (scene: Scene, { what }: LikeCalls): FirstCheck =>
  rollouts(
    `See why ${scene.callee} makes ${what} one after the other, and whether its last rollout brought it: one question or a cache may do`,
    calleeOf(scene),
  );

/** Who is to blame in place of the callee; `how` begins the sentence. */
type Blame = { readonly side: Side; readonly how: string; readonly firstCheck: FirstCheck };

/** Whom the callee waits for without anybody counting it: a data store, a service outside of the mesh. */
const below = (scene: Scene, slowest: Slowest): Blame | null => {
  const { worst, part } = slowest;
  const span = worst.trace.spans[part.spans[0] ?? -1];
  if (span === undefined || !isUncounted(scene, slowest)) return null;
  const { callee } = scene;
  const { name, place } = placeTraced(scene, worst, span);
  return {
    side: "callee's dependency",
    how: `${callee} waits for ${name}`,
    firstCheck: usage(`Look at the load, the locks and the last change of ${name}: metrics do not count these calls`, place),
  };
};

/** The call itself takes the time, where the callee's own proxy does not know better; null where it does. */
const onTheWay = (scene: Scene, { worst, stand }: Slowest): Blame | null => {
  const { caller, callee, judged } = scene;
  const answer = stand.kind === 'way' ? worst.trace.spans[stand.place] : undefined;
  if (answer === undefined) return null;
  if (judged.callee === null || (judged.callee.latency === null && judged.callee.excessSeconds === null))
    return {
      side: 'network/TLS',
      how: `Time is lost between ${caller} and ${callee}`,
      firstCheck: usage(
        `See CPU limits of ${caller} and its proxy, its connections to ${callee}, and the network between them`,
        callerOf(scene),
      ),
    };
  // By the callee's proxy the request is there, by its application's span it has not begun: it waits between these two.
  return isProxySpan(answer)
    ? null
    : {
        side: "callee's proxy",
        how: `Requests wait at ${callee} before it takes them`,
        firstCheck: usage(
          `See whether ${callee} has threads and connections left, and the CPU limit of its proxy`,
          calleeOf(scene),
        ),
      };
};

/** Of an edge that metrics lay on the callee itself, or on the way to it. */
export const toldOfSlowCallee = (scene: Scene, { side, evidence, confidence }: Finding): Told | null => {
  const isInside = side === 'callee application';
  const loop = loopIn(scene);
  if (isInside && loop?.by === 'callee') return { ...tells(evidence, loop.line, 'time'), firstCheck: loopCheck(scene, loop) };
  const slowest = slowestOf(scene);
  if (slowest === null) return null;
  const { kind } = slowest.stand;
  const other = isInside ? (below(scene, slowest) ?? onTheWay(scene, slowest)) : null;
  const agrees = isInside ? other !== null || kind === 'callee' || kind === 'below' : kind === 'way';
  const told = withSlowest(scene, evidence, slowest, agrees);
  const slow = howSlow(scene.judged.reading.caller ?? scene.judged.reading.callee);
  if (other === null || slow === null || !mayBlame(scene, slowest)) return told;
  return {
    ...told,
    side: other.side,
    confidence: atMostLikely(confidence),
    sentence: `${other.how}, as the ${slowest.worst.which} traced request shows: ${slow}`,
    firstCheck: other.firstCheck,
  };
};

/** Of a call below that metrics found slow: it stays named; what it waits for itself is where to look. `way` is the line that tells the way to it. */
export const toldOfSlowDependency = (scene: Scene, { evidence }: Finding, way: string): Told | null => {
  const loop = loopIn(scene);
  if (loop !== null)
    return {
      ...tells(evidence, loop.line, 'time'),
      ...(loop.by === 'callee' ? { firstCheck: loopCheck(scene, loop) } : {}),
    };
  const slowest = slowestOf(scene);
  if (slowest === null) return null;
  const deeper = mayBlame(scene, slowest) ? below(scene, slowest) : null;
  return {
    traced: { what: 'way', line: way },
    ...withSlowest(scene, evidence, slowest, slowest.stand.kind !== 'elsewhere'),
    ...(deeper === null ? {} : { firstCheck: deeper.firstCheck }),
  };
};

/** Of patience that ran out over a slow callee: what the request waited for. */
export const toldOfPatience = (scene: Scene, { side, evidence }: Finding): Told | null => {
  const slowest = side === 'callee application' ? slowestOf(scene) : null;
  if (slowest === null) return null;
  return withSlowest(scene, evidence, slowest, slowest.stand.kind !== 'elsewhere');
};

/** Of limits and queues before the callee: how long the request waited there. */
export const toldOfQueue = (scene: Scene, { evidence }: Finding): Told | null => {
  const slowest = slowestOf(scene);
  return slowest?.stand.kind === 'way' ? withSlowest(scene, evidence, slowest, true) : null;
};
