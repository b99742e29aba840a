import { SourceError } from '../../domain/gathered.ts';
import type { Ask, Clock } from '../../ports.ts';
import type { SlackCalls } from './calls.ts';
import { classify, type Failure } from './classify.ts';

/** A right that was taken away in Slack is gone here after this long; until then no call is spent on it (Tier 2: 20 a minute). */
const knownForMs = 300_000;

type Members = { readonly atMs: number; readonly users: ReadonlySet<string> };

const scopeWords = 'lacks the scope usergroups:read: without it nobody knows who is in a user group';

const reasonOf = (failure: Failure, group: string): { readonly reason: SourceError['reason']; readonly detail: string } => {
  if (failure.kind === 'rate-limited')
    return { reason: 'too-expensive', detail: `asks for fewer calls (again in ${Math.ceil(failure.waitMs / 1000)} s)` };
  const why = 'why' in failure ? failure.why : failure.kind;
  if (why.startsWith('missing_scope')) return { reason: 'refused', detail: scopeWords };
  if (why === 'no_such_subteam') return { reason: 'absent', detail: `has no user group ${group}: is its id in roles right?` };
  if (why === 'plan_upgrade_required') return { reason: 'unsupported', detail: 'has no user groups in this plan' };
  if (failure.kind === 'locked-out' || failure.kind === 'hopeless')
    return { reason: 'refused', detail: `refused to tell who is in the user group ${group} (${why})` };
  return { reason: 'unreachable', detail: `did not tell who is in the user group ${group} (${why})` };
};

/** Waits no longer than the one who asks; the call goes on for those who ask next. */
const within = <T>(work: Promise<T>, { signal }: Ask): Promise<T> =>
  new Promise((resolve, reject) => {
    const late = () => reject(new SourceError('Slack', 'timeout', 'did not tell in time who is in a user group'));
    if (signal.aborted) late();
    else signal.addEventListener('abort', late, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', late));
  });

/** Who is in which user group (docs.slack.dev/reference/methods/usergroups.users.list). Throws only `SourceError`. */
export const userGroups = ({ call }: Pick<SlackCalls, 'call'>, clock: Pick<Clock, 'nowMs'>) => {
  const known = new Map<string, Members>();
  const asking = new Map<string, Promise<ReadonlySet<string>>>();
  const read = async (group: string): Promise<ReadonlySet<string>> => {
    try {
      const { users } = await call('usergroups.users.list', { usergroup: group });
      if (!Array.isArray(users)) throw new SourceError('Slack', 'malformed', `named no members of the user group ${group}`);
      const members = new Set(users.filter((user) => typeof user === 'string'));
      known.set(group, { atMs: clock.nowMs(), users: members });
      return members;
    } catch (error) {
      if (error instanceof SourceError) throw error;
      const { reason, detail } = reasonOf(classify(error), group);
      throw new SourceError('Slack', reason, detail, { cause: error });
    }
  };
  const membersOf = (group: string): Promise<ReadonlySet<string>> => {
    const remembered = known.get(group);
    if (remembered !== undefined && clock.nowMs() - remembered.atMs < knownForMs) return Promise.resolve(remembered.users);
    const waiting = asking.get(group) ?? read(group).finally(() => asking.delete(group));
    asking.set(group, waiting);
    return waiting;
  };
  return {
    /** Those of these groups that the person is a member of. Where one is found, it is enough that another cannot be asked. */
    groupsOfUser: async (userId: string, groupIds: readonly string[], ask: Ask): Promise<ReadonlySet<string>> => {
      const answers = await Promise.allSettled(groupIds.map((group) => within(membersOf(group), ask)));
      const found = groupIds.filter((_, index) => {
        const answer = answers[index];
        return answer?.status === 'fulfilled' && answer.value.has(userId);
      });
      const failed = answers.find((answer) => answer.status === 'rejected');
      if (found.length === 0 && failed !== undefined) throw failed.reason;
      return new Set(found);
    },
  };
};
