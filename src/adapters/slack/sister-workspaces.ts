import type { Person } from '../../domain/gesture.ts';
import type { Clock, Log } from '../../ports.ts';
import type { SlackCalls } from './calls.ts';
import { memoryOf } from './inbox-memory.ts';
import { asSourceError } from './screen-failure.ts';

/** Who changes the organisation is told apart after this long. */
const known = { forMs: 600_000, most: 10_000 } as const;
/** A trigger opens a modal for 3 s, and the store has been asked before. */
const askedWithinMs = 1000;

type User = {
  readonly is_stranger?: boolean;
  readonly enterprise_user?: { readonly enterprise_id?: string };
};

/**
 * In Enterprise Grid the workspaces of one organisation share channels, and a person of a sister workspace is ours. No payload says whose
 * enterprise a person is of (its `enterprise` is that of where it was done), users.info does, in `enterprise_user`; whom Slack itself calls
 * a stranger there is none of ours (docs.slack.dev/reference/objects/user-object). Needs users:read. While Slack does not say, nobody
 * becomes ours, and the person carries why.
 */
export const sisterWorkspaces = (calls: Pick<SlackCalls, 'call'>, clock: Clock, log: Log) => {
  const answers = memoryOf<boolean>(clock.nowMs, known);
  const asking = new Map<string, Promise<boolean>>();

  const read = async (userId: string, enterpriseId: string): Promise<boolean> => {
    const { user } = (await calls.call('users.info', { user: userId })) as { readonly user?: User };
    const isOurs = user?.enterprise_user?.enterprise_id === enterpriseId && user.is_stranger !== true;
    answers.keep(userId, isOurs);
    return isOurs;
  };
  /** The call goes on for those who ask next. */
  const isOurs = (userId: string, enterpriseId: string): Promise<boolean> => {
    const asked = asking.get(userId) ?? read(userId, enterpriseId).finally(() => asking.delete(userId));
    asking.set(userId, asked);
    return asked;
  };
  const doubted = (person: Person, why: string): Person => {
    log('warn', 'Slack does not say whether a person is of our organisation: a stranger, until it does', { why });
    return { ...person, doubt: `Whether you are of this organisation is not known: Slack ${why}.` };
  };
  return async (person: Person, enterpriseId: string): Promise<Person> => {
    if (!person.isStranger || enterpriseId === '') return person;
    // docs.slack.dev/reference/interaction-payloads/block_suggestion-payload: the team of a person may be the organisation itself.
    const remembered = person.teamId === enterpriseId ? true : answers.recall(person.userId);
    if (remembered !== undefined) return { ...person, isStranger: !remembered };
    const patience = new AbortController();
    try {
      const late = clock.sleep(askedWithinMs, patience.signal).then(() => null);
      const told = await Promise.race([isOurs(person.userId, enterpriseId), late]);
      return told === null ? doubted(person, 'did not tell in time') : { ...person, isStranger: !told };
    } catch (error) {
      return doubted(person, asSourceError(error).message);
    } finally {
      patience.abort();
    }
  };
};
