import { describe, expect, it } from 'vitest';
import { slackCalls } from '../../../src/adapters/slack/calls.ts';
import { userGroups } from '../../../src/adapters/slack/groups.ts';
import { slackWeb } from '../../../src/adapters/slack/web.ts';

type Answer = { readonly status?: number; readonly headers?: Record<string, string>; readonly body: unknown };

/** Slack's own client over answers that are given; what it was asked, and a clock to turn. */
const workspace = (answer: (group: string, turn: number) => Answer | Promise<Answer>) => {
  const asked: string[] = [];
  const time = { nowMs: 0 };
  const web = slackWeb({
    token: 'xoxb-1',
    apiUrl: 'http://slack.test/api/',
    fetch: async (_address, init) => {
      const group = new URLSearchParams(String(init?.body)).get('usergroup') ?? '';
      asked.push(group);
      const { status = 200, headers = {}, body } = await answer(group, asked.length);
      return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
    },
  });
  const clock = { nowMs: () => time.nowMs, sleep: async () => undefined };
  const calls = slackCalls(web, clock, { onCall: () => undefined, onWait: () => undefined });
  const { groupsOfUser } = userGroups(calls, clock);
  return {
    asked,
    time,
    groupsOf: async (user: string, groups: readonly string[], signal = AbortSignal.timeout(5000)) => [
      ...(await groupsOfUser(user, groups, { signal })),
    ],
  };
};
const members = (...users: readonly string[]): Answer => ({ body: { ok: true, users } });
const refused = (error: string, more: object = {}): Answer => ({ body: { ok: false, error, ...more } });

describe("a person's user groups", () => {
  it('are those that have the person among their members', async () => {
    const { groupsOf, asked } = workspace((group) => (group === 'S1' ? members('U1', 'U2') : members('U3')));
    expect(await groupsOf('U1', ['S1', 'S2'])).toEqual(['S1']);
    expect(await groupsOf('U4', ['S1', 'S2'])).toEqual([]);
    expect(await groupsOf('U1', [])).toEqual([]);
    expect(asked.toSorted()).toEqual(['S1', 'S2']);
  });

  it('are remembered for five minutes, and forgotten then: a right that was taken away is gone', async () => {
    const { groupsOf, asked, time } = workspace((_group, turn) => (turn === 1 ? members('U1') : members()));
    expect(await groupsOf('U1', ['S1'])).toEqual(['S1']);
    time.nowMs = 299_999;
    expect(await groupsOf('U1', ['S1'])).toEqual(['S1']);
    time.nowMs = 300_000;
    expect(await groupsOf('U1', ['S1'])).toEqual([]);
    expect(asked).toEqual(['S1', 'S1']);
  });

  it('that are asked for by many at once are asked once', async () => {
    const { groupsOf, asked } = workspace(() => members('U1'));
    expect(await Promise.all(Array.from({ length: 20 }, () => groupsOf('U1', ['S1'])))).toEqual(Array(20).fill(['S1']));
    expect(asked).toEqual(['S1']);
  });

  it.each<[string, Answer, string, RegExp]>([
    ['without the scope', refused('missing_scope', { needed: 'usergroups:read' }), 'refused', /usergroups:read/],
    ['without the scope, which is not named', refused('missing_scope'), 'refused', /usergroups:read/],
    ['of a group that is not there', refused('no_such_subteam'), 'absent', /no user group S1: is its id in roles right\?/],
    ['in a plan that has none', refused('plan_upgrade_required'), 'unsupported', /no user groups in this plan/],
    ['with a token that was taken back', refused('token_revoked'), 'refused', /token_revoked/],
    ['too often', { status: 429, headers: { 'retry-after': '7' }, body: {} }, 'too-expensive', /again in 7 s/],
    ['in an outage', { status: 503, body: {} }, 'unreachable', /HTTP 503/],
    ['of another shape', { body: { ok: true } }, 'malformed', /named no members/],
  ])('cannot be known %s, which is no answer "none"', async (_when, answer, reason, message) => {
    const { groupsOf } = workspace(() => answer);
    await expect(groupsOf('U1', ['S1'])).rejects.toMatchObject({ name: 'SourceError', source: 'Slack', reason, message });
  });

  it('are asked again after a failure, and what was known does not outlive its time in an outage', async () => {
    const { groupsOf, time } = workspace((_group, turn) => (turn === 2 ? refused('internal_error') : members('U1')));
    expect(await groupsOf('U1', ['S1'])).toEqual(['S1']);
    time.nowMs = 300_000;
    await expect(groupsOf('U1', ['S1'])).rejects.toMatchObject({ reason: 'unreachable' });
    expect(await groupsOf('U1', ['S1'])).toEqual(['S1']);
  });

  it('are enough where one of them is found and another cannot be asked', async () => {
    const { groupsOf } = workspace((group) => (group === 'S1' ? members('U1') : refused('no_such_subteam')));
    expect(await groupsOf('U1', ['S2', 'S1'])).toEqual(['S1']);
    await expect(groupsOf('U2', ['S2', 'S1'])).rejects.toMatchObject({ reason: 'absent' });
  });

  it('are waited for no longer than who asks can wait', async () => {
    let answer = (_: Answer): void => undefined;
    const { groupsOf, asked } = workspace(() => new Promise((resolve) => (answer = resolve)));
    await expect(groupsOf('U1', ['S1'], AbortSignal.timeout(50))).rejects.toMatchObject({ reason: 'timeout' });
    await expect(groupsOf('U1', ['S1'], AbortSignal.abort())).rejects.toMatchObject({ reason: 'timeout' });
    const later = groupsOf('U1', ['S1']);
    answer(members('U1'));
    expect(await later).toEqual(['S1']);
    expect(asked).toEqual(['S1']);
  });

  it('that fail when nobody waits for them any more end no process', async () => {
    const { groupsOf, asked } = workspace(() => refused('internal_error'));
    await expect(groupsOf('U1', ['S1'], AbortSignal.abort())).rejects.toMatchObject({ reason: 'timeout' });
    await expect.poll(() => asked).toEqual(['S1']);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(groupsOf('U1', ['S1'])).rejects.toMatchObject({ reason: 'unreachable' });
  });
});
