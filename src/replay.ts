import { readPayload } from './adapters/alertmanager/payload.ts';
import type { HttpSource } from './adapters/http/client.ts';
import { type Exchange, type Question, recordingSource, replayedSource } from './adapters/http/recording.ts';
import { nearestAnswer } from './adapters/prometheus/near-recording.ts';
import { type Answer, answerTo, offlineSetting } from './answer.ts';
import type { EpochMs } from './domain/time.ts';
import { rulePatienceMs } from './find-rule.ts';
import { type RecordedCluster, type Recording, RecordingError, wholeCluster } from './recording/shape.ts';
import { type ClusterHttp, clusterOver, sourceName } from './sources.ts';
import { triageGroup } from './triage-group.ts';

/** The walk of `edgewise triage` over these back ends, at this moment. */
const answersOver = async (
  delivery: unknown,
  cluster: Recording['cluster'],
  http: ClusterHttp,
  atMs: EpochMs,
): Promise<readonly Answer[]> => {
  const read = readPayload(JSON.stringify(delivery ?? null));
  if (!read.ok) throw new RecordingError(`the delivery was refused: ${read.refusal.field} is ${read.refusal.given}`);
  const asked = clusterOver(cluster, http, { clock: { nowMs: () => atMs }, onQuery: () => undefined });
  const evidences = await triageGroup(read.group, () => asked, atMs);
  return evidences.flatMap((evidence) => answerTo(evidence, offlineSetting) ?? []);
};

/** The rules are read to their end for the next who asks; who asked first went on without them, and so must the replay. */
const asWaitedFor =
  (rules: string) =>
  (exchange: Exchange): Exchange => {
    if (exchange.source !== rules || 'failure' in exchange || (exchange.ms ?? 0) <= rulePatienceMs) return exchange;
    const { status: _, body: __, ...asked } = exchange;
    return { ...asked, failure: { reason: 'timeout', detail: `did not answer in ${(rulePatienceMs / 1000).toFixed(1)} s` } };
  };

type SourceKind = 'Prometheus' | 'Alert rules';

const nameOf = ({ name, isOneOfSeveral }: Recording['cluster'], what: SourceKind): string =>
  sourceName(what, name, isOneOfSeveral);

export type Recorded = {
  readonly recording: Recording;
  /** What the run said whose exchanges were kept. */
  readonly answers: readonly Answer[];
};

/** Triages one webhook body (as JSON) at back ends that are there, and keeps every exchange. */
export const recordDelivery = async (
  delivery: unknown,
  given: RecordedCluster,
  http: ClusterHttp,
  atMs: EpochMs,
): Promise<Recorded> => {
  const cluster = wholeCluster(given);
  const exchanges: Exchange[] = [];
  const running: Promise<unknown>[] = [];
  const kept = (what: SourceKind, source: HttpSource): HttpSource => {
    const recorded = recordingSource({ ...source, name: nameOf(cluster, what) }, (exchange) => exchanges.push(exchange));
    const request: HttpSource['request'] = (call) => {
      const answer = recorded.request(call);
      running.push(answer);
      return answer;
    };
    return { ...recorded, request };
  };
  const over = { metrics: kept('Prometheus', http.metrics), rules: kept('Alert rules', http.rules) };
  const answers = await answersOver(delivery, cluster, over, atMs);
  // What nobody waits for any more belongs to the recording too: its absence would be another gap.
  for (let seen = -1; seen !== running.length; ) {
    seen = running.length;
    await Promise.allSettled(running);
  }
  const recording: Recording = {
    version: 1,
    atMs,
    cluster,
    delivery,
    exchanges: exchanges.map(asWaitedFor(over.rules.name)),
  };
  return { recording, answers };
};

/**
 * Locate, measure, diagnose and compose from the recorded exchanges, at the recorded moment: one answer a subject of the delivery.
 * `onMissing` hears each question that the recording does not hold word for word: what was asked then is answered, the rest is a gap.
 */
export const replayRecording = (
  recording: Recording,
  onMissing: (asked: Question, isNearlyAnswered: boolean) => void = () => undefined,
): Promise<readonly Answer[]> => {
  const { delivery, cluster, exchanges, atMs } = recording;
  const replayed = (what: SourceKind): HttpSource =>
    replayedSource(nameOf(cluster, what), exchanges, onMissing, what === 'Prometheus' ? nearestAnswer : undefined);
  return answersOver(delivery, cluster, { metrics: replayed('Prometheus'), rules: replayed('Alert rules') }, atMs);
};
