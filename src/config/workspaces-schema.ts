import { z } from 'zod';
import { teamPattern } from './patterns.ts';

type Text = z.ZodType<string, string>;

const shapeOf = (matcher: Text, channel: Text) => ({
  team: z
    .string({ error: 'the id of a workspace, such as T012ABC' })
    .regex(teamPattern, 'the id of a workspace, such as T012ABC: names may change hands'),
  /** All must hold; without any it takes every alert. */
  match: z.array(matcher, { error: 'a list of matchers' }).default([]),
  /** Where its messages go that no rule sends elsewhere. */
  channel: channel.optional(),
});

/** Every alert is somebody's, and every entry can be reached. */
const inOrder = (
  rules: readonly { readonly team: string; readonly match: readonly string[] }[],
  context: z.RefinementCtx,
): void => {
  const seen = new Set<string>();
  for (const [index, { team, match }] of rules.entries()) {
    const isLast = index === rules.length - 1;
    const wrong = (name: string, message: string): void => context.addIssue({ code: 'custom', path: [index, name], message });
    if (seen.has(team)) wrong('team', 'a workspace that no other entry has');
    if (!isLast && match.length === 0) wrong('match', 'matchers, because entries after it would get no alert; or the last place');
    if (isLast && match.length > 0) wrong('match', 'none in the last entry: it takes the alerts that no other matches');
    seen.add(team);
  }
};

/** Which workspace an alert is for, by its labels: the first entry that matches. */
export const workspacesOf = (matcher: Text, channel: Text) =>
  z
    .array(z.strictObject(shapeOf(matcher, channel)), { error: 'a list of workspaces' })
    .min(1, 'at least one workspace')
    .superRefine(inOrder);

export const workspaceKeys: readonly string[] = Object.keys(shapeOf(z.string(), z.string()));
