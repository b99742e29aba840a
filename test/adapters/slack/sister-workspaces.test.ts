import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Gesture } from '../../../src/domain/gesture.ts';
import { mayDo, usualRoles } from '../../../src/domain/roles.ts';
import { until } from '../../contracts/store-values.ts';
import { click, command, homeOpened, submission } from './gestures.ts';
import { openApp, ourTeam } from './stage.ts';

const ourOrganisation = 'E0OURS';
const sister = { id: 'U9', team_id: 'T0SISTER' };
const button = { type: 'button', action_id: 'ack', value: 'incident-7' };
const of = (enterpriseId: string, more: object = {}) => ({
  user: { id: sister.id, team_id: sister.team_id, enterprise_user: { enterprise_id: enterpriseId, id: 'W9' }, ...more },
});

let app: Awaited<ReturnType<typeof openApp>>;
const heard: Gesture[] = [];
let says: Record<string, Readonly<Record<string, unknown>>>;
const open = async (auth: object = { team_id: ourTeam, enterprise_id: ourOrganisation }): Promise<void> => {
  says['auth.test'] = { ...auth };
  app = await openApp('http', async (gesture) => void heard.push(gesture), undefined, { says });
  await app.app.start();
};
beforeEach(() => {
  heard.length = 0;
  says = {};
});
afterEach(() => app.stop());
const asked = (): readonly unknown[] => app.slack.heard.filter(({ method }) => method === 'users.info').map(({ given }) => given);
const personOf = async (...delivery: Parameters<typeof app.deliver>) => {
  const before = heard.length;
  expect((await app.deliver(...delivery)).status).toBe(200);
  await until(() => heard.length > before);
  return heard.at(-1)?.person;
};

describe('a person of another workspace, in Enterprise Grid', () => {
  it.each([
    ['in a click', 'interactive', () => click(button, '', { user: sister })],
    ['in a form', 'interactive', () => ({ ...submission({}), user: sister })],
    ['in a command', 'slash_commands', () => command('why', '', { team_id: sister.team_id, user_id: sister.id })],
    [
      'in a shared Home',
      'events_api',
      () => homeOpened('home', { event: { type: 'app_home_opened', user: sister.id, tab: 'home', user_team: sister.team_id } }),
    ],
  ] as const)('is ours where Slack says that the organisation is: %s', async (_name, kind, make) => {
    says['users.info'] = of(ourOrganisation);
    await open();
    expect(await personOf(kind, make())).toMatchObject({ userId: sister.id, teamId: sister.team_id, isStranger: false });
    expect(asked()).toEqual([{ user: sister.id }]);
  });

  it.each([
    ['whose organisation is another', of('E0OTHER')],
    ['who is of no organisation', { user: { id: sister.id } }],
    ['whom Slack calls a stranger', of(ourOrganisation, { is_stranger: true })],
    ['of whom Slack says nothing', {}],
  ])('is a stranger %s, without a doubt', async (_name, answer) => {
    says['users.info'] = answer;
    await open();
    const person = await personOf('interactive', click(button, '', { user: sister }));
    expect(person).toMatchObject({ isStranger: true });
    expect(person).not.toHaveProperty('doubt');
  });

  it('is asked for once in ten minutes, and who is of our own workspace or of the organisation itself never', async () => {
    says['users.info'] = of(ourOrganisation);
    await open();
    await Promise.all([1, 2, 3].map(() => app.deliver('interactive', click(button, '', { user: sister }))));
    await until(() => heard.length === 3);
    await personOf('interactive', click(button, ''));
    expect(await personOf('interactive', click(button, '', { user: { id: 'U8', team_id: ourOrganisation } }))).toMatchObject({
      isStranger: false,
    });
    expect(heard.map(({ person }) => person.isStranger)).toEqual([false, false, false, false, false]);
    expect(asked()).toHaveLength(1);
  });

  it.each([
    ['refuses', 'missing_scope', 'lacks the scope'],
    ['fails', 'internal_error', 'refuses: internal_error'],
  ])('is a stranger while Slack %s, is told so, and is asked for again', async (_name, error, why) => {
    says['users.info'] = of(ourOrganisation);
    await open();
    app.slack.refuse('users.info', error);
    const person = await personOf('interactive', click(button, '', { user: sister }));
    if (person === undefined) throw new Error('nobody');
    expect(mayDo(usualRoles, 'acknowledge', person, new Set())).toEqual({
      ok: false,
      why: expect.stringMatching(new RegExp(`may look, not acknowledge an incident. Whether you are of this .*Slack ${why}`)),
    });
    expect(await personOf('interactive', click(button, '', { user: sister }))).toMatchObject({ isStranger: false });
  });

  it('keeps nobody waiting for more than a moment while Slack does not answer', async () => {
    await open();
    app.slack.hang('users.info');
    expect(await personOf('interactive', click(button, '', { user: sister }))).toMatchObject({
      isStranger: true,
      doubt: expect.stringContaining('did not tell in time'),
    });
    expect(app.lines.filter((line) => line.includes('a stranger, until it does'))).toHaveLength(1);
  });
});

describe('a person of another workspace, outside of Enterprise Grid', () => {
  it('is a stranger, and Slack is not asked', async () => {
    says['users.info'] = of('');
    await open({ team_id: ourTeam });
    expect(await personOf('interactive', click(button, '', { user: sister }))).toMatchObject({ isStranger: true });
    expect(asked()).toEqual([]);
  });
});
