import { z } from 'zod';
import { type Action, type Allowed, nobodyMay } from '../domain/roles.ts';
import { personPattern, roomPattern, userGroupPattern } from './patterns.ts';

/** Names change, and anybody may take one that is free: rights are given to ids (Slack shows them under "Copy member ID" and the like). */
const ids = (pattern: RegExp, expected: string) =>
  z.array(z.string({ error: expected }).regex(pattern, expected), { error: `a list: ${expected}` }).default([]);

const named = {
  users: ids(personPattern, 'the id of a person, such as U012ABC: names may change hands'),
  groups: ids(userGroupPattern, 'the id of a user group, such as S012ABC'),
  channels: ids(roomPattern, 'the id of a channel, such as C012ABC'),
};

const expected = 'everyone, nobody, or users, groups, channels';

const people = z
  .strictObject(named, { error: expected })
  .refine(({ users, groups, channels }) => users.length + groups.length + channels.length > 0, {
    error: 'at least one user, group or channel; or nobody',
  });

const allowed = z
  .union([z.enum(['everyone', 'nobody']), z.record(z.string(), z.unknown())], { error: expected })
  .transform((given, context): Allowed => {
    if (given === 'everyone') return 'everyone';
    if (given === 'nobody') return nobodyMay;
    const read = people.safeParse(given);
    if (read.success) return read.data;
    // Zod would tell of a union that none of its members fits: here the member is known, so that its own mistakes are told.
    for (const issue of read.error.issues) context.addIssue({ ...issue, path: [...issue.path] } as never);
    return z.NEVER;
  });

/** Who may do what from Slack. */
export const roles = z.strictObject(
  {
    acknowledge: allowed.optional(),
    silence: allowed.optional(),
    digest: allowed.optional(),
  } satisfies Record<Action, z.ZodType>,
  { error: 'acknowledge, silence, digest' },
);

export const roleKeys: readonly string[] = [...Object.keys(roles.shape), ...Object.keys(named)];
