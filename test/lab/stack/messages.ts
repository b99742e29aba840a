import { setTimeout as wait } from 'node:timers/promises';
import { channel } from '../../../src/demo/start.ts';
import type { Message } from '../../../src/domain/message.ts';
import type { Recording } from '../../../src/recording/shape.ts';
import type { EdgeName, Fault, Pod } from '../lab.ts';
import { grade } from './grade.ts';
import { replayAnswer, replayTriage } from './replayed.ts';
import type { Graded } from './result.ts';
import { heart, type ServiceOf, saidOf, serviceOfPods } from './said.ts';
import type { Slot } from './slot-parts.ts';
import { countedOf, worstOf } from './tellings.ts';
import { type Traced, tracedOf } from './traced.ts';

/** The messages of a fault, read where people read them, and graded by what a replay knows of them. */

/** A message with its grade, what differed between the workspace and the replay, and the recording behind it. */
export type Looked = {
  readonly graded: Graded;
  readonly errors: readonly string[];
  readonly recorded: { readonly recording: Recording; readonly message: Message } | null;
  /** Null where no trace store was asked. */
  readonly traced: Traced | null;
};

type Standing = { readonly incident: string; readonly ts: string; readonly message: Message };

/** The key by which the bot finds a message of its own again: "<incident>:root". */
const keyOf = (metadata: unknown): string =>
  (metadata as { readonly event_payload?: { readonly key?: string } } | undefined)?.event_payload?.key ?? '';

/** The root messages about a cluster, by the incident that each names for the bot to find it again. */
const rootsOf = ({ workspace, bot }: Slot, cluster: string): readonly Standing[] => {
  const ours = new Set(
    bot
      .triaged()
      .filter((one) => one.cluster === cluster)
      .map(({ incident }) => incident),
  );
  return workspace.messages(channel).flatMap(({ ts, threadTs, ephemeralFor, text, blocks, metadata }) => {
    const incident = keyOf(metadata).replace(/:root$/, '');
    return threadTs === null && ephemeralFor === null && ours.has(incident)
      ? [{ incident, ts, message: { text, blocks } as Message }]
      : [];
  });
};

/** How many incidents the bot has opened about a cluster. */
export const rootCount = (slot: Slot, cluster: string): number => rootsOf(slot, cluster).length;

type DeliveredAlert = {
  readonly status: string;
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
};

/** Names of the alerts that reached the bot and of which no triage has ended yet. */
export const untoldAlerts = ({ wire, bot }: Slot, cluster: string): readonly string[] => {
  const told = new Set(bot.triaged().flatMap((one) => (one.cluster === cluster ? one.alerts : [])));
  const delivered = wire.deliveries().flatMap(({ body }) => (body as { readonly alerts: readonly DeliveredAlert[] }).alerts);
  const untold = delivered.filter(
    ({ status, fingerprint, labels }) => status === 'firing' && labels['cluster'] === cluster && !told.has(fingerprint),
  );
  return [...new Set(untold.map(({ labels }) => labels['alertname'] ?? 'an alert without a name'))];
};

const missingText = (missing: readonly string[]): readonly string[] =>
  missing.length === 0 ? [] : [`the replay asked what was not recorded: ${missing[0]} (${missing.length} in all)`];

const isClosed = (message: Message): boolean =>
  heart(message).includes('Resolved:') || heart(message).includes('No longer reported:');

/** What went out after 2.5 s, before the verdict was ready. */
const isPending = (message: Message): boolean => heart(message).includes('Still asking ');

/** What stands once the newest triage of an incident has reached the workspace. */
const settled = async (slot: Slot, cluster: string, incident: string, expected: Message): Promise<Standing | null> => {
  const standing = (): Standing | null => rootsOf(slot, cluster).find((root) => root.incident === incident) ?? null;
  for (let left = 20; left > 0; left -= 1) {
    const now = standing();
    if (now === null || isClosed(now.message) || heart(now.message) === heart(expected)) return now;
    await wait(150, undefined, { signal: slot.signal });
  }
  return standing();
};

/** Every verdict that a root has told, in order: the first one rang, and an edit replaces it without a sound. */
const toldBy = ({ workspace }: Slot, { incident, ts }: Standing): readonly Message[] => {
  const told = workspace.calls.flatMap(({ method, given }): readonly Message[] => {
    const isPost = method === 'chat.postMessage' && keyOf(given['metadata']) === `${incident}:root`;
    const isEdit = method === 'chat.update' && given['ts'] === ts;
    return isPost || isEdit ? [{ text: String(given['text'] ?? ''), blocks: (given['blocks'] ?? []) as Message['blocks'] }] : [];
  });
  return told
    .filter((message) => !isClosed(message) && !isPending(message))
    .filter((message, index, all) => index === 0 || heart(message) !== heart(all[index - 1] as Message));
};

type Replayed = Awaited<ReturnType<typeof replayTriage>>;

/**
 * Every triage of an incident, replayed: as it was told before its trace had come, and with it. Evidence that is seconds old is told again for a further alert:
 * only the triage that gathered it is.
 */
const replaysOf = async ({ bot, wire }: Slot, cluster: string, incident: string): Promise<readonly Replayed[]> => {
  const all = bot.triaged().filter((one) => one.cluster === cluster && one.incident === incident);
  const gathered = all.filter((one, index) => all.findIndex(({ atMs }) => atMs === one.atMs) === index);
  const replays: Replayed[] = [];
  const hasTraces = wire.tracesOf(cluster) !== null;
  for (const one of gathered)
    for (const isTraced of hasTraces ? [false, true] : [false])
      replays.push(await replayTriage(one, isTraced, wire.exchanges(), wire.deliveries()));
  return replays;
};

const sameAs = (replays: readonly Replayed[], message: Message): Replayed | undefined =>
  replays.findLast(({ answer }) => heart(answer.message) === heart(message));

/** Where the workspace and the replays differ: then the replay's evidence is not what the message was made of. */
const differences = (told: readonly Message[], standing: Message | null, replays: readonly Replayed[]): readonly string[] => {
  const last = replays.at(-1);
  // A trace that comes late is told after the lab has looked.
  const newest = replays.filter(({ recording }) => recording.atMs === last?.recording.atMs);
  const isOld = standing !== null && last !== undefined && !isClosed(standing) && sameAs(newest, standing) === undefined;
  return [
    ...told.filter((message) => sameAs(replays, message) === undefined).map((message) => `no replay says "${heart(message)}"`),
    ...(isOld ? [`the workspace says "${heart(standing)}", the replay "${heart(last.answer.message)}"`] : []),
  ];
};

const lookAtRoot = async (slot: Slot, fault: Fault, incident: string, serviceOf: ServiceOf): Promise<Looked | null> => {
  const replays = await replaysOf(slot, fault.name, incident);
  const last = replays.at(-1);
  if (last === undefined) return null;
  const standing = await settled(slot, fault.name, incident, last.answer.message);
  const told = standing === null ? [] : toldBy(slot, standing);
  const known = told.flatMap((message) => {
    const replayed = sameAs(replays, message);
    return replayed === undefined ? [] : [{ message, replayed }];
  });
  // What is over stands as a card; graded is what was said while it lasted.
  const read = known.length > 0 ? known : [{ message: last.answer.message, replayed: last }];
  const all = read.map(({ message, replayed }, index) => {
    const about = `${replayed.about}${index < read.length - 1 ? ', before an edit' : ''}`;
    const said = saidOf({ way: 'alert', about }, message, replayed.answer, serviceOf);
    return { replayed, said, grade: grade(fault.kind, fault.truth, said) };
  });
  const tellings = countedOf(all);
  const { replayed, ...worst } = worstOf(tellings);
  return {
    graded: {
      ...worst,
      ...(tellings.length > 1 ? { tellings: tellings.map(({ replayed: _, ...telling }) => telling) } : {}),
    },
    errors: [...missingText(replays.flatMap(({ missing }) => missing)), ...differences(told, standing?.message ?? null, replays)],
    recorded: { recording: replayed.recording, message: replayed.answer.message },
    traced: tracedOf(last.answer.evidence),
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

/** Asks in the workspace as a person would. A question that gets no answer of the bot's is a mistake of the lab or of the way to it, no silence. */
export const askWhy = async (slot: Slot, fault: Fault, [caller, callee]: EdgeName): Promise<Looked> => {
  const { workspace, bot, wire, mesh } = slot;
  const question = `why ${callerWord(mesh.pods, caller)} → ${callee} --cluster ${fault.name}`;
  const before = bot.answered().length;
  const { text, blocks } = await workspace.command(`/mesh ${question}`, channel);
  const message = { text, blocks } as Message;
  for (let left = 60; left > 0 && bot.answered().length === before; left -= 1) await wait(50, undefined, { signal: slot.signal });
  const answered = bot.answered().length > before ? bot.answered().at(-1) : undefined;
  const replayed =
    answered?.atMs == null
      ? null
      : await replayAnswer(
          question,
          { name: fault.name, hasTraces: wire.tracesOf(fault.name) !== null },
          { atMs: answered.atMs, endedMs: answered.endedMs },
          wire.exchanges(),
        );
  const found = replayed?.answer ?? null;
  const differs = found !== null && heart(found.message) !== heart(message);
  const errors = [
    ...missingText(replayed?.missing ?? []),
    ...(differs ? [`the workspace answers "${heart(message)}", the replay "${heart(found.message)}"`] : []),
    ...(found === null ? [`/mesh ${question} got no answer: ${text}`] : []),
  ];
  const said = saidOf({ way: 'asked', about: `/mesh ${question}` }, message, found, serviceOfPods(mesh.pods));
  const recorded = replayed === null || found === null ? null : { recording: replayed.recording, message: found.message };
  const traced = found === null ? null : tracedOf(found.evidence);
  return { graded: { said, grade: grade(fault.kind, fault.truth, said) }, errors, recorded, traced };
};

/** What counts requests of an edge, or the connections of one that carries no HTTP. */
const counting = /^istio_(?:requests|tcp_connections_(?:opened|closed))_total$/;

/** The edges that the healthy mesh was seen to use, by services. */
export const edgesSeen = (slot: Slot): readonly EdgeName[] => {
  const serviceOf = serviceOfPods(slot.mesh.pods);
  const edges = new Map<string, EdgeName>();
  for (const { name, labels } of slot.mesh.counters()) {
    const [caller, callee] = [labels['source_workload'] ?? '', labels['destination_service_name'] ?? ''];
    if (!counting.test(name) || caller === '' || caller === 'unknown' || callee === '' || callee === 'unknown') continue;
    const edge = [serviceOf(caller), callee] as const;
    edges.set(edge.join(' '), edge);
  }
  return [...edges.values()];
};
