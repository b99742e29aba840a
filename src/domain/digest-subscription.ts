import type { DigestSchedule } from './digest-schedule.ts';
import type { Slo } from './slo.ts';
import type { EpochMs } from './time.ts';

/** Which objectives a channel hears of. */
export type DigestChoice =
  /** Those that name this channel; where none does, those that name no channel at all. */
  | { readonly kind: 'own' }
  | { readonly kind: 'owner'; readonly owner: string }
  /** By name; a `*` stands for any letters. */
  | { readonly kind: 'names'; readonly names: readonly string[] };

/** A channel that gets a digest: by configuration, or since somebody asked for it. At most one a channel and rhythm. */
export type DigestSubscription = DigestSchedule & {
  /** Its id, or its name where it is configured by that. */
  readonly channel: string;
  /** What definitions and the configuration may call it; null: not known, or named by `channel` already. */
  readonly channelName: string | null;
  readonly choice: DigestChoice;
  /** Since when: of what came before nothing is sent. 0 where it is configured. */
  readonly sinceMs: EpochMs;
  /** The Slack user who asked for it; null: configured. */
  readonly by: string | null;
};

/** One of the configuration. Ids and names of channels are of one workspace each. */
export type ConfiguredDigest = DigestSubscription & {
  /** Whose channel it is; null: of the one workspace that is served. */
  readonly team: string | null;
};

/** Those that are configured for a workspace. */
export const digestsIn = (configured: readonly ConfiguredDigest[], workspace: string): readonly DigestSubscription[] =>
  configured.filter(({ team }) => team === null || team === workspace);

type Channel = Pick<DigestSubscription, 'channel' | 'channelName'>;

const bare = (channel: string): string => channel.replace(/^#/, '').toLowerCase();

const namesOf = ({ channel, channelName }: Channel): readonly string[] => [
  bare(channel),
  ...(channelName === null ? [] : [bare(channelName)]),
];

/** By id, or by a name that both are known by. */
export const isSameChannel = (one: Channel, other: Channel): boolean => {
  const names = namesOf(other);
  return namesOf(one).some((name) => names.includes(name));
};

/** What it is known by: a second wish for the same channel and rhythm takes the place of the first. */
export const subscriptionKey = ({ channel, rhythm }: Pick<DigestSubscription, 'channel' | 'rhythm'>): string =>
  JSON.stringify([bare(channel), rhythm]);

/** Whether a name is meant by a pattern whose only sign is `*`. Looked for piece by piece: no expression is made of what people type. */
const isMeant = (name: string, pattern: string): boolean => {
  const pieces = pattern.split('*');
  const [first = '', ...rest] = pieces;
  if (rest.length === 0) return name === pattern;
  const last = rest.pop() ?? '';
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let from = first.length;
  const until = name.length - last.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, from);
    if (found < 0 || found + piece.length > until) return false;
    from = found + piece.length;
  }
  return true;
};

/** The objectives that a channel hears of, in the order of their definition. */
export const slosFor = (
  { choice, ...place }: Channel & Pick<DigestSubscription, 'choice'>,
  slos: readonly Slo[],
): readonly Slo[] => {
  if (choice.kind === 'owner') return slos.filter(({ owner }) => owner === choice.owner);
  if (choice.kind === 'names') return slos.filter(({ name }) => choice.names.some((pattern) => isMeant(name, pattern)));
  const own = slos.filter((slo) => slo.channel !== null && namesOf(place).includes(bare(slo.channel)));
  return own.length > 0 ? own : slos.filter((slo) => slo.channel === null);
};

/** Whether one takes the place of the other. */
const isSame = (one: DigestSubscription, other: DigestSubscription): boolean =>
  one.rhythm === other.rhythm && isSameChannel(one, other);

/** Those that people asked for take the place of the configured ones of the same channel and rhythm. */
export const subscriptionsTogether = (
  configured: readonly DigestSubscription[],
  asked: readonly DigestSubscription[],
): readonly DigestSubscription[] => [...configured.filter((one) => !asked.some((other) => isSame(one, other))), ...asked];
