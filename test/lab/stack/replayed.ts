import { type Exchange, questionText } from '../../../src/adapters/http/recording.ts';
import type { Answer } from '../../../src/answer.ts';
import { type Recording, RecordingError, wholeCluster } from '../../../src/recording/shape.ts';
import { replayRecording } from '../../../src/replay.ts';
import type { Triaged } from './bot.ts';
import type { Delivered, Kept } from './wire.ts';

/** The default of QUERY_SECONDS: it stands in every question. */
const querySeconds = 5;

/** The default of TRACES_SECONDS. */
const tracesSeconds = 3;

/** A cluster of the lab, and whether its bot may ask a Zipkin. */
type LabShape = { readonly name: string; readonly hasTraces: boolean };

/** As the lab's bot knows a cluster: one of several, with the defaults. */
const clusterShape = ({ name, hasTraces }: LabShape): Recording['cluster'] =>
  wholeCluster({
    name,
    mesh: 'istio',
    isOneOfSeveral: true,
    querySeconds,
    ...(hasTraces ? { traces: { store: 'zipkin', seconds: tracesSeconds } } : {}),
  });

/** What the bot reads once in some minutes: its rules, what a trace store knows by name, and whether exemplars are kept. */
const remembered: ReadonlySet<string> = new Set([
  'api/v1/rules',
  'api/v2/services',
  'api/v2/remoteServices',
  'api/v1/features',
  'api/v1/status/flags',
  'api/v1/status/buildinfo',
]);

const questionOf = ({ exchange: { source, path, query } }: Kept): string => JSON.stringify([source, path, query]);

/** What was asked between two moments; and what was not asked again, since the bot still knew the answer. */
export const exchangesWithin = (kept: readonly Kept[], fromMs: number, toMs: number): readonly Exchange[] => {
  const inside = kept.filter(({ startedMs }) => startedMs >= fromMs && startedMs <= toMs);
  const isAsked = new Set(inside.map(questionOf));
  const earlier = new Map(
    kept
      .filter((one) => one.startedMs < fromMs && remembered.has(one.exchange.path) && !isAsked.has(questionOf(one)))
      .map((one) => [questionOf(one), one] as const),
  );
  return [...earlier.values(), ...inside].map(({ exchange }) => exchange);
};

type Body = { readonly alerts: readonly { readonly fingerprint: string; readonly labels: Readonly<Record<string, string>> }[] };

/** The delivery that a triage answered, with the alerts that it was about. */
const deliveryOf = (delivered: readonly Delivered[], { alerts, endedMs }: Triaged): Body | null => {
  const isOurs = ({ fingerprint }: { readonly fingerprint: string }): boolean => alerts.includes(fingerprint);
  const found = delivered.findLast(({ atMs, body }) => atMs <= endedMs && (body as Body).alerts.some(isOurs));
  if (found === undefined) return null;
  const body = found.body as Body;
  return { ...body, alerts: body.alerts.filter(isOurs) };
};

type ReplayedTriage = {
  readonly recording: Recording;
  readonly answer: Answer;
  /** Names of the alerts. */
  readonly about: string;
  readonly missing: readonly string[];
};

/** Replays one triage of the bot from what passed on the wire. Throws in plain words when something is missing. */
export const replayTriage = async (
  triaged: Triaged,
  hasTraces: boolean,
  kept: readonly Kept[],
  delivered: readonly Delivered[],
): Promise<ReplayedTriage> => {
  const delivery = deliveryOf(delivered, triaged);
  if (delivery === null) throw new Error('the delivery of a triage was not seen on the wire');
  const recording: Recording = {
    version: 1,
    atMs: triaged.atMs,
    cluster: clusterShape({ name: triaged.cluster, hasTraces }),
    delivery,
    exchanges: [...exchangesWithin(kept, triaged.atMs, triaged.endedMs)],
  };
  const missing: string[] = [];
  const [answer] = await replayRecording(recording, (asked) => missing.push(questionText(asked)));
  if (answer === undefined) throw new Error('the replay of a triage gave no message');
  const about = [...new Set(delivery.alerts.map(({ labels }) => labels['alertname'] ?? ''))].join(', ');
  return { recording, answer, about, missing };
};

type ReplayedAnswer = {
  readonly recording: Recording;
  /** Null where the question was answered in words alone. */
  readonly answer: Answer | null;
  readonly missing: readonly string[];
};

/** Replays the answer to a question. */
export const replayAnswer = async (
  question: string,
  cluster: LabShape,
  { atMs, endedMs }: { readonly atMs: number; readonly endedMs: number },
  kept: readonly Kept[],
): Promise<ReplayedAnswer> => {
  const recording: Recording = {
    version: 1,
    atMs,
    cluster: clusterShape(cluster),
    question,
    exchanges: [...exchangesWithin(kept, atMs, endedMs)],
  };
  const missing: string[] = [];
  try {
    const [answer] = await replayRecording(recording, (asked) => missing.push(questionText(asked)));
    return { recording, answer: answer ?? null, missing };
  } catch (error) {
    if (error instanceof RecordingError) return { recording, answer: null, missing };
    throw error;
  }
};
