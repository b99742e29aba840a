import { firstCheck } from '../../../domain/command.ts';
import { grpcText } from '../../../domain/grpc.ts';
import { type Quantile, quantile } from '../../../domain/histogram.ts';
import { judgeEdge } from '../../../domain/judgement.ts';
import type { ReporterReading } from '../../../domain/signals.ts';
import { isSlower } from '../../../domain/walk.ts';
import { counted, factor, quantileText, seconds } from '../../../domain/words.ts';
import { deadlinesExceeded } from '../grpc.ts';
import type { Rule } from '../rule.ts';
import { confidenceOf, isSlow, named, requestsAt, type Scene } from '../scene.ts';

/** "p99 1.8 s", or the mean where no buckets were read. */
export const latencyText = (reading: ReporterReading | null): string | null => {
  const p99 = reading?.latency ? quantile(0.99, reading.latency.now) : null;
  if (p99 !== null) return `p99 ${quantileText(p99)}`;
  const mean = reading?.duration?.now;
  return mean && mean.requests > 0 ? `mean ${seconds(mean.totalSeconds / mean.requests)}` : null;
};

/** The p99 of the middle one of the windows before; null where no buckets were read. */
export const usualP99 = (reading: ReporterReading | null): Quantile | null => {
  const past = reading?.latency
    ? reading.latency.local.map((histogram) => quantile(0.99, histogram)).filter((value) => value !== null)
    : [];
  return [...past].sort((a, b) => a.seconds - b.seconds)[past.length >> 1] ?? null;
};

export const usualLatencyText = (reading: ReporterReading | null): string | null => {
  const middle = usualP99(reading);
  if (middle) return quantileText(middle);
  const means = (reading?.duration?.local ?? [])
    .filter(({ requests }) => requests > 0)
    .map(({ requests, totalSeconds }) => totalSeconds / requests)
    .sort((a, b) => a - b);
  const mean = means[means.length >> 1];
  return mean === undefined ? null : seconds(mean);
};

/** The callee's own proxy sees it slow too; else the time is lost on the way. */
const isSlowAtCallee = ({ judged }: Scene): boolean => {
  if (judged.callee === null) return true;
  return (
    judged.callee.latency?.isElevated === true ||
    isSlower({ ...judgeEdge({ ...judged.reading, caller: null }, 'near') }) ||
    (judged.callee.excessSeconds ?? 0) >= (judged.caller?.excessSeconds ?? 0) / 2
  );
};

/** Latency beyond the edge's own past, with no call of the callee's that explains it. */
export const slowCallee: Rule = {
  name: 'slow-callee',
  find: (scene) => {
    if (scene.isBelow || !isSlow(scene)) return null;
    const { judged, caller, callee, namespace } = scene;
    const reading = judged.reading.caller ?? judged.reading.callee;
    const [now, usual] = [latencyText(reading), usualLatencyText(reading)];
    if (now === null) return null;
    const inside = isSlowAtCallee(scene);
    const late = deadlinesExceeded(scene);
    const shift = (judged.caller ?? judged.callee)?.latency?.shift ?? 1;
    const requests = requestsAt(scene, judged.reading.caller === null ? 'callee' : 'caller');
    const slowRequests = requests * Math.min(1, Math.max(0, Math.log(shift) / Math.log(3)));
    return {
      side: inside ? 'callee application' : 'network/TLS',
      confidence: confidenceOf(scene, Math.max(slowRequests, judged.isSick ? 10 : 0), Math.max(slowRequests, 1)),
      sentence: inside
        ? `${callee} itself is slow: ${now}${usual === null ? '' : ` (usually ${usual})`}`
        : `Time is lost between ${caller} and ${callee}: ${now}${usual === null ? '' : ` (usually ${usual})`}, while ${callee} answers as fast as usual`,
      evidence: [
        ...(late > 0 ? [`${counted(late, 'request')} ran out of the deadline their client set (${grpcText('4')})`] : []),
        ...(shift > 1.05 ? [`p50 to p95 are ${factor(shift)} slower on average than in the windows before`] : []),
        ...(judged.callee !== null && latencyText(judged.reading.callee) !== null
          ? [`at the callee's own proxy: ${latencyText(judged.reading.callee)}`]
          : []),
        inside
          ? `none of the calls that ${callee} makes is slower in step`
          : `${counted(requests, 'request')} at the caller's proxy`,
      ],
      firstCheck: firstCheck(
        `See CPU, garbage collection and locks of ${callee} since it began`,
        `Deployment ${named(namespace, callee)}`,
        [namespace],
        (ns) => `kubectl -n ${ns} top pods --containers`,
      ),
      badEvents: slowRequests,
      explains: late > 0 ? ['grpc-errors', 'callee-errors'] : [],
    };
  },
};
