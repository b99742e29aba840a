import { SourceError } from '../../domain/gathered.ts';
import type { SlackCalls } from './calls.ts';
import type { OnGesture } from './inbox.ts';
import { asSourceError } from './screen-failure.ts';

/** A workspace whose people are heard. */
export type Tenant = {
  /** Its name in the store. */
  readonly workspace: string;
  /** Whose people are no strangers, nor are those of its organisation (Enterprise Grid; empty outside of it). */
  readonly teamId: string;
  readonly enterpriseId: string;
  readonly botId: string;
  readonly botUserId: string;
  readonly botToken: () => Promise<string>;
  readonly calls: SlackCalls;
  readonly onGesture: OnGesture;
};

export type Tenants = {
  /** Throws `SourceError` where nobody could be heard yet. */
  readonly ready: () => Promise<void>;
  /** The first of these teams that is served; null: none is. */
  readonly of: (teamIds: readonly string[]) => Promise<Tenant | null>;
  readonly named: (workspace: string) => Tenant | null;
  /** Slack has taken the app away from this team. */
  readonly left: (teamId: string) => Promise<void>;
};

type Body = { readonly message?: { readonly team?: unknown } };

/**
 * Which team a payload is of: the one that Slack names; where people of another organisation click on a message of ours, that is theirs,
 * and the message says whose it is. All of it is signed, nothing of it is a right: what is found is asked of one workspace alone.
 */
export const teamsIn = (teamId: string | undefined, body: unknown): readonly string[] => {
  const { message } = (body ?? {}) as Body;
  return [teamId, message?.team].filter((team) => typeof team === 'string');
};

type Sole = Pick<Tenant, 'workspace' | 'calls' | 'onGesture'> & { readonly token: string };

/** One workspace by its token: whatever comes is of it. `ready` asks Slack who we are. */
export const soleTenant = ({ token, ...given }: Sole): Tenants => {
  let tenant: Tenant = { ...given, teamId: '', enterpriseId: '', botId: '', botUserId: '', botToken: async () => token };
  const ready = async (): Promise<void> => {
    try {
      const answer = await given.calls.call('auth.test', {});
      const { team_id: teamId, enterprise_id: enterpriseId, bot_id: botId, user_id: botUserId } = answer;
      if (typeof teamId !== 'string' || teamId === '') throw new SourceError('Slack', 'malformed', 'does not say our team');
      tenant = {
        ...{ ...tenant, teamId, enterpriseId: typeof enterpriseId === 'string' ? enterpriseId : '' },
        ...{ botId: String(botId ?? ''), botUserId: String(botUserId ?? '') },
      };
    } catch (error) {
      throw asSourceError(error);
    }
  };
  return { ready, of: async () => tenant, named: () => tenant, left: async () => undefined };
};
