import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../contracts/store-values.ts';
import { edgeAlert, groupOf } from '../support/bot.ts';
import { startInstalledBot } from './bot.ts';
import { app, channelIn, type Slack, startSlack } from './slack.ts';

let slack: Slack;
let bot: Awaited<ReturnType<typeof startInstalledBot>>;
beforeAll(async () => {
  slack = await startSlack();
  bot = await startInstalledBot(slack);
}, 60_000);
afterAll(async () => {
  await bot.close();
  await slack.close();
});

/** An alert about the edge from `caller`, for the team that its label names. */
const fire = (caller: string, team: string): Promise<number> => bot.send(groupOf([edgeAlert(caller, {}, { team })], caller));
const stands = (team: string, caller: string): boolean => slack.posted(team).some((message) => message.includes(caller));
const said = (what: RegExp): boolean => bot.logged.some((line) => what.test(line));
const events = (team: string, type: string, more: object = {}) =>
  bot.tell('events_api', {
    type: 'event_callback',
    team_id: team,
    api_app_id: 'A1',
    event_id: `Ev${type}${team}`,
    event: { type, ...more },
  });
/** What the person who did something was told. */
const answers = (): readonly string[] =>
  slack.calls.filter(({ method }) => method === 'respond').map(({ given }) => JSON.stringify(given));
const person = (team: string) => ({
  user_id: `U${team}ADA`,
  team_id: team,
  channel_id: channelIn(team),
  response_url: `${slack.base}/respond/${team}`,
});
const types = (team: string, text: string) =>
  bot.tell('slash_commands', { command: '/mesh', text, trigger_id: `${team}.${text}`, ...person(team) });
const clickOf = (team: string, action: string, value: string) => ({
  type: 'block_actions',
  team: { id: team },
  user: { id: `U${team}ADA`, team_id: team },
  channel: { id: channelIn(team) },
  container: { type: 'message', message_ts: '1700000000.000001' },
  trigger_id: `${team}.${action}.${value}`,
  response_url: `${slack.base}/respond/${team}`,
  actions: [{ type: 'button', action_id: action, value }],
});
const clicks = (...click: Parameters<typeof clickOf>) => bot.tell('interactive', clickOf(...click));

/** The id of the incident that a message's buttons name. */
const incidentIn = (team: string, caller: string): string => {
  const message = slack.posted(team).find((posted) => posted.includes(caller)) ?? '';
  return /"action_id\\*":\\*"acknowledge[^}]*?"value\\*":\\*"([^"\\]+)/.exec(message)?.[1] ?? '';
};

describe('a bot that workspaces install', () => {
  it('keeps what is for a workspace that has not installed it, and says so', async () => {
    expect(await fire('early', 'beta')).toBe(200);
    await until(async () => (await bot.ready()).includes('T0BETA is not installed, and 1 message waits'));
    expect(await bot.ready()).toContain('T0ACME is not installed');
    expect(slack.calls.filter(({ method }) => method === 'chat.postMessage')).toEqual([]);
  });

  it('sends to the consent page of Slack, with what it asks for and a state that only this browser has', async () => {
    const { status, location, cookie } = await bot.begin();
    const page = new URL(location ?? '');
    expect([status, `${page.origin}${page.pathname}`]).toEqual([302, `${slack.base}/oauth/v2/authorize`]);
    expect(page.searchParams.get('client_id')).toBe(app.clientId);
    expect(page.searchParams.get('scope')).toContain('chat:write,commands');
    expect(cookie).toContain(page.searchParams.get('state'));
    const state = page.searchParams.get('state') ?? '';
    for (const [given, held] of [
      [state, ''],
      [state, 'slack-app-oauth-state=another'],
      [`${state}x`, `slack-app-oauth-state=${state}x`],
      ['', cookie],
    ] as const)
      expect((await bot.comeBack(slack.consent('T0ACME'), given, held)).status).toBe(400);
    expect(slack.calls.some(({ method }) => method === 'oauth.v2.access')).toBe(false);
  });

  it('lets nobody in who is not on the list, and gives the token back', async () => {
    const page = await bot.install(slack.consent('T0EVIL'));
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('SLACK_TEAMS')]);
    expect(slack.calls.filter(({ method, team }) => method === 'auth.revoke' && team === 'T0EVIL')).toHaveLength(1);
    expect([...slack.tokens.values()]).not.toContain('T0EVIL');
  });

  it('serves each workspace from the moment it is installed: what waited goes there, and each gets its own alerts', async () => {
    expect((await bot.install(slack.consent('T0BETA', 3600))).status).toBe(200);
    await until(() => stands('T0BETA', 'early'));
    expect((await bot.install(slack.consent('T0ACME'))).status).toBe(200);
    await Promise.all([fire('for-acme', 'acme'), fire('for-beta', 'beta')]);
    await until(() => stands('T0ACME', 'for-acme') && stands('T0BETA', 'for-beta'));
    expect([stands('T0BETA', 'for-acme'), stands('T0ACME', 'for-beta'), stands('T0ACME', 'early')]).toEqual([
      false,
      false,
      false,
    ]);
    expect(await bot.ready()).toContain('Team T0ACME (T0ACME) sending; Team T0BETA (T0BETA) sending');
  });

  it('renews a token before it ends, once, though nothing comes in from that workspace', async () => {
    const renewals = () => slack.calls.filter(({ given }) => given['grant_type'] === 'refresh_token');
    await until(() => said(/info the token of a workspace was renewed .*T0BETA/));
    await fire('after-renewal', 'beta');
    await until(() => stands('T0BETA', 'after-renewal'));
    const ours = slack.calls.filter(({ team }) => team === 'T0BETA');
    const [granted, last] = [ours[0]?.token, ours.findLast(({ method }) => method === 'chat.postMessage')?.token];
    expect(granted).toContain('xoxe.xoxb-canary-T0BETA');
    expect(last).toContain('xoxe.xoxb-canary-T0BETA');
    expect(last).not.toBe(granted);
    expect(renewals()).toHaveLength(1);
  });

  it('shows and does for people of a workspace what is of that workspace, whatever their buttons say', async () => {
    const theirs = incidentIn('T0BETA', 'for-beta');
    expect(theirs).not.toBe('');
    await types('T0ACME', 'incidents');
    await until(() => answers().some((told) => told.includes('for-acme')));
    expect(answers().join()).not.toContain('for-beta');
    const before = answers().length;
    for (const action of ['acknowledge', 'refresh', 'drill', 'four-signals', 'silence', 'right-edge'])
      await clicks('T0ACME', action, theirs);
    await until(() => answers().length >= before + 6);
    expect(answers().slice(before).join()).not.toContain('for-beta');
    await clicks('T0BETA', 'acknowledge', theirs);
    await until(() =>
      slack.calls.some(
        ({ method, team, given }) =>
          method === 'chat.update' && team === 'T0BETA' && JSON.stringify(given).includes('UT0BETAADA'),
      ),
    );
    expect(
      slack.calls.some(({ given }) => JSON.stringify(given).includes('UT0ACMEADA') && JSON.stringify(given).includes('for-beta')),
    ).toBe(false);
  });

  it('shows the Home of a workspace without what is open in another', async () => {
    await events('T0ACME', 'app_home_opened', { user: 'UT0ACMEADA', tab: 'home', channel: 'D1' });
    const homes = () => slack.calls.filter(({ method, team }) => method === 'views.publish' && team === 'T0ACME');
    await until(() => homes().length > 0);
    expect(JSON.stringify(homes())).toContain('for-acme');
    expect(JSON.stringify(homes())).not.toContain('for-beta');
  });

  it('takes who is of neither, and clicks on a message in a shared channel, for a stranger there', async () => {
    const before = answers().length;
    const payload = {
      ...clickOf('T0EVIL', 'acknowledge', incidentIn('T0ACME', 'for-acme')),
      message: { ts: '1.1', team: 'T0ACME' },
    };
    await bot.tell('interactive', payload);
    await until(() => answers().length > before);
    expect(answers().at(-1)).toContain('People of another organisation may look');
    expect(said(/info audit .*"by":"UT0EVILADA".*"outcome":"refused".*"workspace":"T0ACME"/)).toBe(true);
  });

  it('goes on in one workspace while another does not answer', async () => {
    slack.unanswered.add('T0BETA');
    await Promise.all(Array.from({ length: 4 }, (_, index) => fire(`held-${index}`, 'beta')));
    await fire('not-held-up', 'acme');
    await until(() => stands('T0ACME', 'not-held-up'));
    await until(async () => (await bot.ready()).includes('(T0BETA) unreachable'));
    expect(await bot.ready()).toContain('(T0ACME) sending');
    slack.unanswered.delete('T0BETA');
    await until(() => [0, 1, 2, 3].every((index) => stands('T0BETA', `held-${index}`)));
  });

  it('hears nothing from a workspace that has not installed it', async () => {
    const before = answers().length;
    expect((await types('T0EVIL', 'incidents')).status).toBe(200);
    await types('T0ACME', 'help');
    await until(() => answers().length > before);
    expect(answers().slice(before)).toHaveLength(1);
  });

  it('serves them again after a restart, with tokens that nobody reads in the store or in the log', async () => {
    await bot.restart();
    await fire('after-restart', 'acme');
    await until(() => stands('T0ACME', 'after-restart'));
    expect(bot.logged.join('\n')).not.toMatch(/xoxb-canary|xoxe-canary|canary-client-secret/);
  });

  it('stops for a workspace that takes it away, keeps what comes for it, and goes on elsewhere', async () => {
    slack.uninstall('T0BETA');
    await events('T0BETA', 'app_uninstalled');
    await until(async () => (await bot.ready()).includes('T0BETA is not installed'));
    expect(said(/error Slack has taken the app away.*T0BETA/)).toBe(true);
    await Promise.all([fire('too-late', 'beta'), fire('goes-on', 'acme')]);
    await until(() => stands('T0ACME', 'goes-on'));
    await until(async () => (await bot.ready()).includes('message'));
    await types('T0BETA', 'incidents');
    await until(() => said(/warn messages wait for a workspace that is not served .*T0BETA/));
    await bot.install(slack.consent('T0BETA'));
    await until(() => stands('T0BETA', 'too-late'));
  });

  it('is looked at by the doctor: which of them have installed it, and whether their tokens work', async () => {
    expect((await bot.examined()).join()).toContain('warning Slack: which workspaces have installed the app is not known');
    await bot.stop();
    slack.uninstall('T0ACME');
    const found = await bot.examined();
    expect(found).toContain('failure Slack T0ACME: invalid_auth');
    expect(found).toContain('ok Slack T0BETA: edgewise in Team T0BETA');
    expect(found).toContain('ok Slack T0BETA: in #mesh-alerts');
    const another = await bot.examined({ tokensKeys: [new Uint8Array(32)], teams: ['T0BETA', 'T0GAMMA'] });
    expect(another).toContain('failure Slack T0BETA: its tokens were encrypted with another key');
    expect(another).toContain('warning Slack T0GAMMA: has not installed the app');
  }, 60_000);
});
