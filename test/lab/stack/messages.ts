import { setTimeout as wait } from 'node:timers/promises';
import { channel } from '../../../src/demo/start.ts';
import type { Diagnosis } from '../../../src/domain/diagnosis.ts';
import type { Evidence } from '../../../src/domain/evidence.ts';
import type { Message } from '../../../src/domain/message.ts';
import type { Recording } from '../../../src/recording/shape.ts';
import { diagnose } from '../../../src/stages/diagnose/index.ts';
import type { EdgeName, Fault, Pod } from '../lab.ts';
import type { Triaged } from './bot.ts';
import { grade } from './grade.ts';
import { replayAnswer, replayTriage } from './replayed.ts';
import type { Graded } from './result.ts';
import { heart, type ServiceOf, saidOf, serviceOfPods } from './said.ts';
import type { Slot } from './slot-parts.ts';

/** The messages of a fault, read where people read them, and graded by what a replay knows of them. */

/** A message with its grade, what differed between the workspace and the replay, and the recording behind it. */
export type Looked = {
  readonly graded: Graded;
  readonly errors: readonly string[];
  readonly recorded: { readonly recording: Recording; readonly message: Message } | null;
};

type Standing = { readonly incident: string; readonly message: Message };

/** The root messages about a cluster, by the incident that each names for the bot to find it again. */
const rootsOf = ({ workspace, bot }: Slot, cluster: string): readonly Standing[] => {
  const ours = new Set(
    bot
      .triaged()
      .filter((one) => one.cluster === cluster)
      .map(({ incident }) => incident),
  );
  return workspace.messages(channel).flatMap(({ threadTs, ephemeralFor, text, blocks, metadata }) => {
    const key = (metadata as { readonly event_payload?: { readonly key?: string } } | undefined)?.event_payload?.key ?? '';
    const incident = key.replace(/:root$/, '');
    return threadTs === null && ephemeralFor === null && ours.has(incident)
      ? [{ incident, message: { text, blocks } as Message }]
      : [];
  });
};

/** How many incidents the bot has opened about a cluster. */
export const rootCount = (slot: Slot, cluster: string): number => rootsOf(slot, cluster).length;

const missingText = (missing: readonly string[]): readonly string[] =>
  missing.length === 0 ? [] : [`the replay asked what was not recorded: ${missing[0]} (${missing.length} in all)`];

const isClosed = (message: Message): boolean =>
  heart(message).includes('Resolved:') || heart(message).includes('No longer reported:');

/** What stands once the newest triage of an incident has reached the workspace. */
const settled = async (slot: Slot, cluster: string, incident: string, expected: Message): Promise<Message | null> => {
  const standing = (): Message | null => rootsOf(slot, cluster).find((root) => root.incident === incident)?.message ?? null;
  for (let left = 20; left > 0; left -= 1) {
    const now = standing();
    if (now === null || isClosed(now) || heart(now) === heart(expected)) return now;
    await wait(150, undefined, { signal: slot.signal });
  }
  return standing();
};

/** Evidence that is seconds old is told again for a further alert: then the triage that gathered it is replayed. */
const gatheredBy = (all: readonly Triaged[], last: Triaged): Triaged =>
  all.find(({ incident, atMs }) => incident === last.incident && atMs === last.atMs) ?? last;

const lookAtRoot = async (slot: Slot, fault: Fault, incident: string, serviceOf: ServiceOf): Promise<Looked | null> => {
  const all = slot.bot.triaged().filter((one) => one.cluster === fault.name);
  const last = all.findLast((one) => one.incident === incident);
  if (last === undefined) return null;
  const { answer, about, missing, recording } = await replayTriage(
    gatheredBy(all, last),
    slot.wire.exchanges(),
    slot.wire.deliveries(),
  );
  const stands = await settled(slot, fault.name, incident, answer.message);
  const differs = stands !== null && !isClosed(stands) && heart(stands) !== heart(answer.message);
  // What is over stands as a card; graded is what was said while it lasted.
  const told = stands === null || isClosed(stands) ? answer.message : stands;
  const said = saidOf({ way: 'alert', about }, told, answer, serviceOf);
  return {
    graded: { said, grade: grade(fault.kind, fault.truth, said) },
    errors: [
      ...missingText(missing),
      ...(differs ? [`the workspace says "${heart(stands)}", the replay "${heart(answer.message)}"`] : []),
    ],
    recorded: { recording, message: answer.message },
  };
};

/** Every root of a fault. */
export const lookAtRoots = async (slot: Slot, fault: Fault): Promise<readonly Looked[]> => {
  const serviceOf = serviceOfPods(slot.mesh.pods);
  const looked: Looked[] = [];
  for (const { incident } of rootsOf(slot, fault.name)) {
    const one = await lookAtRoot(slot, fault, incident, serviceOf);
    if (one !== null) looked.push(one);
  }
  return looked;
};

/** A person names workloads: of a service's, the one that is called like it, else its first. */
const callerWord = (pods: readonly Pod[], service: string): string => {
  const workloads = pods.filter((pod) => pod.service === service).map(({ workload }) => workload);
  return workloads.includes(service) ? service : (workloads[0] ?? service);
};

/** Asks in the workspace as a person would. */
export const askWhy = async (slot: Slot, fault: Fault, [caller, callee]: EdgeName): Promise<Looked> => {
  const { workspace, bot, wire, mesh } = slot;
  const question = `why ${callerWord(mesh.pods, caller)} → ${callee} --cluster ${fault.name}`;
  const before = bot.answered().length;
  const { text, blocks } = await workspace.command(`/mesh ${question}`, channel);
  const message = { text, blocks } as Message;
  for (let left = 20; left > 0 && bot.answered().length === before; left -= 1) await wait(50, undefined, { signal: slot.signal });
  const answered = bot.answered().at(-1);
  let found: { readonly evidence: Evidence; readonly diagnosis: Diagnosis } | null = null;
  let errors: readonly string[] = [];
  if (answered?.atMs != null && bot.answered().length > before) {
    const { reply, missing } = await replayAnswer(question, fault.name, answered.atMs, answered.endedMs, wire.exchanges());
    if (reply.evidence !== null) found = { evidence: reply.evidence, diagnosis: diagnose(reply.evidence) };
    const differs = heart(reply.message) !== heart(message);
    errors = [
      ...missingText(missing),
      ...(differs ? [`the workspace answers "${heart(message)}", the replay "${heart(reply.message)}"`] : []),
    ];
  }
  const said = saidOf({ way: 'asked', about: `/mesh ${question}` }, message, found, serviceOfPods(mesh.pods));
  return { graded: { said, grade: grade(fault.kind, fault.truth, said) }, errors, recorded: null };
};

/** The edges that the healthy mesh was seen to use, by services. */
export const edgesSeen = (slot: Slot): readonly EdgeName[] => {
  const serviceOf = serviceOfPods(slot.mesh.pods);
  const edges = new Map<string, EdgeName>();
  for (const { name, labels } of slot.mesh.counters()) {
    const [caller, callee] = [labels['source_workload'] ?? '', labels['destination_service_name'] ?? ''];
    if (name !== 'istio_requests_total' || caller === '' || caller === 'unknown' || callee === '' || callee === 'unknown')
      continue;
    const edge = [serviceOf(caller), callee] as const;
    edges.set(edge.join(' '), edge);
  }
  return [...edges.values()];
};
