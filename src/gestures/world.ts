import type { AskWorld } from '../asking.ts';
import type { DigestsWorld } from '../digests/world.ts';
import type { Incident } from '../domain/incident.ts';
import type { Message, Picture } from '../domain/message.ts';
import type { Roles } from '../domain/roles.ts';
import type { SilenceLimits } from '../domain/silence.ts';
import type { EpisodeWorld } from '../episodes/world.ts';
import type { Ask, SilencesSource } from '../ports.ts';
import type { Homes } from './homes.ts';

/** What a gesture needs of the world, beside what questions and incidents need. */
export type GestureWorld = AskWorld &
  EpisodeWorld &
  Pick<DigestsWorld, 'configured'> & {
    readonly workspace: string;
    /** Those of our workspace: several may share a database. */
    readonly openIncidents: () => Promise<readonly Incident[]>;
    readonly roles: Roles;
    readonly silenceLimits: SilenceLimits;
    readonly silencesOf: (cluster: string) => SilencesSource | null;
    /** Which of these user groups a person is in. Throws `SourceError`. */
    readonly groupsOfUser: (userId: string, groupIds: readonly string[], ask: Ask) => Promise<ReadonlySet<string>>;
    /** Puts a picture into the direct messages of a person with the bot; gives a link to it, null where Slack gave none. Throws `SourceError`. */
    readonly showTo: (userId: string, picture: Picture, ask: Ask) => Promise<string | null>;
    /** Puts a picture into a conversation, for everybody there. Throws `SourceError`. */
    readonly shareIn: (channelId: string, picture: Picture, ask: Ask) => Promise<void>;
    /** What a channel is called, as far as that is known; null: the bot is not in it, or there is none. Throws `SourceError`. */
    readonly nameOfChannel: (channelId: string, ask: Ask) => Promise<{ readonly name: string | null } | null>;
    /** Whether figures may be told to people of other organisations. */
    readonly showsStrangers: boolean;
    /** Whether people of other organisations read along in a channel. Throws `SourceError`. */
    readonly isSharedOutside: (channelId: string) => Promise<boolean>;
    /** Answers of the last minutes, for who wants to share one. */
    readonly answers: KeptAnswers;
    /** Incidents that are being read again: however many ask, it costs the calls of one. */
    readonly reading: Map<string, Promise<void>>;
    readonly homes: Homes;
  };

/** An answer as it was seen: shared, it says the same, also when the figures have moved on. */
export type KeptAnswer = {
  /** Who asked: a key in anybody else's hands finds nothing. */
  readonly by: string;
  /** As whoever reads it is told: "/mesh why payments". */
  readonly asked: string;
  readonly message: Message;
  readonly picture: Promise<Picture | null>;
};

type KeptAnswers = {
  /** Gives its key. */
  readonly keep: (answer: KeptAnswer) => string;
  readonly get: (key: string, by: string) => KeptAnswer | null;
};

const most = 300;

/** In memory: after a restart, or in another replica, the question is asked again. */
export const keptAnswers = (): KeptAnswers => {
  const kept = new Map<string, KeptAnswer>();
  return {
    keep: (answer) => {
      const key = crypto.randomUUID();
      kept.set(key, answer);
      for (const old of kept.keys()) if (kept.size > most) kept.delete(old);
      return key;
    },
    get: (key, by) => {
      const answer = kept.get(key);
      return answer?.by === by ? answer : null;
    },
  };
};
