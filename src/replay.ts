import type { HttpSource } from './adapters/http/client.ts';
import { type Exchange, type Question, recordingSource, replayedSource } from './adapters/http/recording.ts';
import { nearestAnswer } from './adapters/prometheus/near-recording.ts';
import { isFurtherRound } from './adapters/traces/further-round.ts';
import { sharedAnswer } from './adapters/traces/shared-answer.ts';
import { type Answer, answerTo, offlineSetting } from './answer.ts';
import { ask } from './ask.ts';
import type { EpochMs } from './domain/time.ts';
import { rulePatienceMs } from './find-rule.ts';
import type { Cluster } from './inquiry.ts';
import {
  type Asked,
  groupOf,
  type RecordedCluster,
  type Recording,
  RecordingError,
  sourceNames,
  wholeCluster,
} from './recording/shape.ts';
import { type ClusterHttp, clusterOver, uncounted } from './sources.ts';
import { diagnose } from './stages/diagnose/index.ts';
import { triageGroup } from './triage-group.ts';

/** The answer of `/mesh why`. One of words alone has nothing behind it that could be judged. */
const answerToQuestion = async (question: string, cluster: Cluster, atMs: EpochMs): Promise<Answer> => {
  const clock = { nowMs: () => atMs, sleep: async (): Promise<void> => undefined };
  const { evidence, message } = await ask(
    { clusters: [cluster], clock, charts: null, settingOf: () => offlineSetting },
    question,
  );
  if (evidence === null)
    throw new RecordingError(`question: ${JSON.stringify(question)}, answered in words alone: ${message.text}`);
  return { evidence, diagnosis: diagnose(evidence), message };
};

/** The walk of `edgewise triage`, or of `edgewise why`, over these back ends, at this moment. */
const answersOver = async (
  { delivery, question }: Asked,
  cluster: Recording['cluster'],
  http: ClusterHttp,
  atMs: EpochMs,
): Promise<readonly Answer[]> => {
  const over = clusterOver(cluster, http, { clock: { nowMs: () => atMs }, ...uncounted });
  if (question !== undefined) return [await answerToQuestion(question, over, atMs)];
  const evidences = await triageGroup(groupOf(delivery), () => over, atMs);
  return evidences.flatMap((evidence) => answerTo(evidence, offlineSetting) ?? []);
};

/** Rules and a store's services are read to their end for the next who asks; who asked first went on without them, and so must the replay. */
const asWaitedFor =
  (patienceMs: ReadonlyMap<string, number>) =>
  (exchange: Exchange): Exchange => {
    const most = patienceMs.get(exchange.source);
    if (most === undefined || 'failure' in exchange || (exchange.ms ?? 0) <= most) return exchange;
    const { status: _, body: __, ...asked } = exchange;
    return { ...asked, failure: { reason: 'timeout', detail: `did not answer in ${(most / 1000).toFixed(1)} s` } };
  };

/** Of a trace store's answer only what is read of it. */
const asShared =
  (traces: string | null) =>
  (exchange: Exchange): Exchange =>
    exchange.source === traces && 'body' in exchange ? { ...exchange, body: sharedAnswer(exchange.body) } : exchange;

const patienceOf = (cluster: Recording['cluster']): ReadonlyMap<string, number> => {
  const { rules, traces } = sourceNames(cluster);
  const ofRules = [rules, rulePatienceMs] as const;
  return new Map(traces === null ? [ofRules] : [ofRules, [traces, (cluster.traces?.seconds ?? 0) * 1000] as const]);
};

export type Recorded = {
  readonly recording: Recording;
  /** What the run said whose exchanges were kept. */
  readonly answers: readonly Answer[];
};

/** Triages one webhook body (as JSON), or answers a question, at back ends that are there, and keeps every exchange. */
export const recordRun = async (asked: Asked, given: RecordedCluster, http: ClusterHttp, atMs: EpochMs): Promise<Recorded> => {
  const cluster = wholeCluster(given);
  const exchanges: Exchange[] = [];
  const running: Promise<unknown>[] = [];
  const kept = (name: string, source: HttpSource): HttpSource => {
    const recorded = recordingSource({ ...source, name }, (exchange) => exchanges.push(exchange));
    const request: HttpSource['request'] = (call) => {
      const answer = recorded.request(call);
      running.push(answer);
      return answer;
    };
    return { ...recorded, request };
  };
  const names = sourceNames(cluster);
  const over = {
    metrics: kept(names.metrics, http.metrics),
    rules: kept(names.rules, http.rules),
    traces: names.traces === null || http.traces === null ? null : kept(names.traces, http.traces),
  };
  const answers = await answersOver(asked, cluster, over, atMs);
  // What nobody waits for any more belongs to the recording too: its absence would be another gap.
  for (let seen = -1; seen !== running.length; ) {
    seen = running.length;
    await Promise.allSettled(running);
  }
  const recording: Recording = {
    version: 1,
    atMs,
    cluster,
    ...asked,
    exchanges: exchanges.map(asWaitedFor(patienceOf(cluster))).map(asShared(names.traces)),
  };
  return { recording, answers };
};

/**
 * Locate, measure, diagnose and compose from the recorded exchanges, at the recorded moment: one answer a subject of the delivery, or the one to
 * the question.
 * `onMissing` hears each question that the recording does not hold word for word: what was asked then is answered, the rest is a gap.
 */
export const replayRecording = (
  recording: Recording,
  onMissing: (asked: Question, isNearlyAnswered: boolean) => void = () => undefined,
): Promise<readonly Answer[]> => {
  const { cluster, exchanges, atMs } = recording;
  const names = sourceNames(cluster);
  // A store that cannot sort is asked again for worse calls while there is time for it, and a replay has more of it.
  const onMissingTraces = (asked: Question): void => {
    if (!isFurtherRound(asked, exchanges)) onMissing(asked, false);
  };
  const http: ClusterHttp = {
    metrics: replayedSource(names.metrics, exchanges, onMissing, nearestAnswer),
    rules: replayedSource(names.rules, exchanges, onMissing),
    traces: names.traces === null ? null : replayedSource(names.traces, exchanges, onMissingTraces),
  };
  return answersOver(recording, cluster, http, atMs);
};
