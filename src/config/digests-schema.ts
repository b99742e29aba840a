import { z } from 'zod';
import { type DigestChoice, type DigestSubscription, isSameChannel } from '../domain/digest-subscription.ts';
import { minuteOfDayIn, usualMinuteOfDay, usualWeekday, weekdayIn } from '../domain/digest-words.ts';
import { isZone } from '../domain/local-time.ts';
import { teamPattern } from './patterns.ts';

type Text = z.ZodType<string, string>;

const read = <T>(of: (text: string) => T | null, expected: string) =>
  z.string({ error: expected }).transform((text, context): T => {
    const value = of(text);
    if (value !== null) return value;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });

const choiceExpected = 'own, {owner: NAME}, or a list of names in which * stands for any letters';
const text = z.string({ error: 'a name' }).min(1, 'a name');

/** Of a union zod would tell that none of its members fits: by its kind one is meant, and its mistakes are told. */
const choice = z.unknown().transform((given, context): DigestChoice => {
  if (given === 'own') return { kind: 'own' };
  const names = z.array(text).min(1, 'at least one name').safeParse(given);
  if (names.success) return { kind: 'names', names: names.data };
  const owner = z.strictObject({ owner: text }, { error: choiceExpected }).safeParse(given);
  if (owner.success) return { kind: 'owner', owner: owner.data.owner };
  const { issues } = Array.isArray(given) ? names.error : owner.error;
  for (const issue of issues) context.addIssue({ ...issue, path: [...issue.path] } as never);
  return z.NEVER;
});

const shapeOf = (channel: Text) => ({
  channel,
  rhythm: z.enum(['daily', 'weekly'], { error: 'daily or weekly' }).default('daily'),
  weekday: read(weekdayIn, 'a day of the week, such as monday').optional(),
  at: read(minuteOfDayIn, 'a time of day in quotes, such as "09:00"').default(usualMinuteOfDay),
  /** Default: TIME_ZONE. */
  zone: z.string({ error: 'an IANA zone' }).refine(isZone, 'an IANA zone, such as Europe/Berlin').optional(),
  objectives: choice.default({ kind: 'own' }),
  /** Where several workspaces are served: the one that the channel is in. */
  team: z.string({ error: 'the id of a workspace' }).regex(teamPattern, 'the id of a workspace, such as T012ABC').optional(),
});

const digestOf = (channel: Text) =>
  z.strictObject(shapeOf(channel)).superRefine(({ rhythm, weekday }, context) => {
    if (rhythm === 'daily' && weekday !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['weekday'],
        message: 'it beside rhythm: weekly: a daily digest comes every day',
      });
  });

type FileDigest = z.output<ReturnType<typeof digestOf>>;

/** As it is known apart from who asked for it, which nobody did. */
export const subscriptionOf = (given: FileDigest, timeZone: string): DigestSubscription => ({
  rhythm: given.rhythm,
  weekday: given.weekday ?? usualWeekday,
  minuteOfDay: given.at,
  zone: given.zone ?? timeZone,
  channel: given.channel,
  channelName: null,
  choice: given.objectives,
  sinceMs: 0,
  by: null,
});

/** A channel that got two of one rhythm would get one: which one nobody could say. */
const once = (digests: readonly FileDigest[], context: z.RefinementCtx): void => {
  const known = digests.map((given) => ({ ...subscriptionOf(given, ''), team: given.team }));
  for (const [index, digest] of known.entries()) {
    const { team, rhythm } = digest;
    const isThere = (other: (typeof known)[number]): boolean =>
      other.team === team && other.rhythm === rhythm && isSameChannel(other, digest);
    if (known.slice(0, index).some(isThere))
      context.addIssue({
        code: 'custom',
        path: [index, 'channel'],
        message: `a channel without another ${rhythm} digest: objectives takes several names`,
      });
  }
};

/** Which channels get a digest. */
export const digestsOf = (channel: Text) =>
  z.array(digestOf(channel), { error: 'a list of digests' }).superRefine(once).default([]);

export const digestKeys: readonly string[] = [...Object.keys(shapeOf(z.string())), 'owner'];
