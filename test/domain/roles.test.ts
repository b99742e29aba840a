import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Person } from '../../src/domain/gesture.ts';
import { type Allowed, groupsToAsk, mayDo, nobodyMay, type Roles, usualRoles } from '../../src/domain/roles.ts';

const alice: Person = { userId: 'U012ABC', teamId: 'T1', isStranger: false, channelId: 'C012ABC' };
const silencing = (allowed: Allowed): Roles => ({ ...usualRoles, silence: allowed });
const named = { users: ['U0BOB'], groups: ['S0ONCALL'], channels: ['C0WAR'] };
const mayAlice = (allowed: Allowed, groups: readonly string[] = [], more: Partial<Person> = {}) =>
  mayDo(silencing(allowed), 'silence', { ...alice, ...more }, new Set(groups));

describe('who may silence', () => {
  it.each<[string, ReturnType<typeof mayDo>]>([
    ['everybody, where that is said', mayAlice('everyone')],
    ['who is named', mayAlice({ ...nobodyMay, users: ['U012ABC'] })],
    ['a member of a group that is named', mayAlice(named, ['S0OTHER', 'S0ONCALL'])],
    ['whoever asks in a channel that is named', mayAlice(named, [], { channelId: 'C0WAR' })],
  ])('%s', (_who, permission) => expect(permission).toEqual({ ok: true }));

  it.each<[string, ReturnType<typeof mayDo>, string]>([
    [
      'who is none of them',
      mayAlice(named, ['S0OTHER']),
      ['Who may silence alerts here: U0BOB; members of the user group S0ONCALL; whoever asks in the channel C0WAR.'].join(),
    ],
    [
      'who asks in no channel at all',
      mayAlice({ ...nobodyMay, channels: ['C0WAR'] }, [], { channelId: null }),
      ['Who may silence alerts here: whoever asks in the channel C0WAR.'].join(),
    ],
    [
      'anybody, where nobody is named',
      mayAlice(nobodyMay),
      ['Nobody may silence alerts from Slack: whoever runs Edgewise allows it with roles.silence in CONFIG_FILE.'].join(),
    ],
    [
      'one of many, of whom the first few are told',
      mayAlice({ ...nobodyMay, groups: ['S1', 'S2', 'S3', 'S4', 'S5', 'S6'] }),
      ['Who may silence alerts here: members of the user groups S1, S2, S3, S4 and 2 more.'].join(),
    ],
  ])('not %s, and is told who may', (_who, permission, why) => expect(permission).toEqual({ ok: false, why }));

  it("never another organisation's people, whatever is configured", () => {
    const actions = fc.constantFrom('acknowledge', 'silence', 'digest' as const);
    const allowed = fc.constantFrom<Allowed>('everyone', { users: ['U012ABC'], groups: ['S1'], channels: ['C012ABC'] });
    fc.assert(
      fc.property(actions, allowed, (action, whom) => {
        const roles: Roles = { acknowledge: whom, silence: whom, digest: whom };
        const permission = mayDo(roles, action, { ...alice, isStranger: true }, new Set(['S1']));
        expect(permission).toMatchObject({
          ok: false,
          why: expect.stringMatching(/^People of another organisation may look, not/),
        });
      }),
    );
  });

  it('while an acknowledgement is for everybody', () => {
    expect(mayDo(usualRoles, 'acknowledge', alice, new Set())).toEqual({ ok: true });
    expect(mayDo(usualRoles, 'silence', alice, new Set())).toMatchObject({ ok: false });
  });

  it.each<[string, Allowed, Partial<Person>, readonly string[]]>([
    ['that are named', named, {}, ['S0ONCALL']],
    ['of nobody where it is settled without', { ...named, users: ['U012ABC'] }, {}, []],
    ['of nobody where everybody may', 'everyone', {}, []],
    ['of nobody for a stranger', named, { isStranger: true }, []],
  ])('is known from the groups %s', (_what, allowed, more, groups) =>
    expect(groupsToAsk(silencing(allowed), 'silence', { ...alice, ...more })).toEqual(groups),
  );
});
