import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../contracts/store-values.ts';
import { answering, startBot, startSource } from '../../support/bot.ts';
import { alertBody, deliveryBody } from '../alertmanager/bodies.ts';
import { click, command, homeOpened } from './gestures.ts';
import { signedPost, signingSecret, startSlack, wireOf } from './stage.ts';

let source: Awaited<ReturnType<typeof startSource>>;
let slack: Awaited<ReturnType<typeof startSlack>>;
beforeAll(async () => {
  source = await startSource();
  source.answer(answering([]));
  slack = await startSlack();
});
afterAll(async () => {
  await source.close();
  await slack.close();
});

const responseUrl = (): string => `${slack.base}/respond/1`;
type Bot = Awaited<ReturnType<typeof startBot>>;
type Deliver = (bot: Bot, ...delivery: Parameters<typeof wireOf>) => Promise<unknown>;

const ways: readonly (readonly [name: string, settings: Readonly<Record<string, string>>, deliver: Deliver])[] = [
  ['Socket Mode', { SLACK_APP_TOKEN: 'xapp-1' }, async (_, kind, payload) => (await slack.hub.deliver(kind, payload)).ok],
  [
    'HTTP',
    { SLACK_MODE: 'http', SLACK_SIGNING_SECRET: signingSecret, SLACK_PATH: '/from/slack' },
    async ({ webhookPort }, kind, payload) => {
      const { body, type } = wireOf(kind, payload);
      const answered = await signedPost(`http://127.0.0.1:${webhookPort}`, body, type, { path: '/from/slack' });
      return answered.status === 200;
    },
  ],
];

/** The key of an answer that may be shared is another each time. */
const withoutKey = (answer: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  JSON.parse(JSON.stringify(answer).replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'a key'));

it('the bot answers alike by Socket Mode and by HTTP, and takes alerts beside both', async () => {
  const told: unknown[] = [];
  for (const [name, settings, deliver] of ways) {
    const bot = await startBot(source.url, { SLACK_API_URL: `${slack.base}/api/`, SLACK_BOT_TOKEN: 'xoxb-1', ...settings });
    const isThere = async (): Promise<boolean> => (await deliver(bot, 'events_api', homeOpened('messages'))) === true;
    await until(isThere);
    slack.heard.length = 0;
    expect(await deliver(bot, 'slash_commands', command('help', responseUrl())), name).toBe(true);
    expect(await deliver(bot, 'slash_commands', command('incidents', responseUrl())), name).toBe(true);
    expect(await deliver(bot, 'events_api', homeOpened('home')), name).toBe(true);
    const button = { type: 'button', action_id: 'not-yet', value: 'x' };
    expect(await deliver(bot, 'interactive', click(button, responseUrl())), name).toBe(true);
    const answers = () => slack.heard.filter(({ method }) => method === 'respond').map(({ given }) => given);
    await until(() => answers().length === 3);
    expect(await bot.send(deliveryBody([alertBody()])), name).toBe(200);
    await until(() => slack.heard.some(({ method }) => method === 'views.publish'));
    told.push(
      answers()
        .map(withoutKey)
        .toSorted((a, b) => String(a['text']).localeCompare(String(b['text']))),
    );
    expect(JSON.stringify(bot.logged)).not.toContain('canary');
    await bot.close();
  }
  expect(told[1]).toEqual(told[0]);
  expect(JSON.stringify(told[0])).toContain('What Edgewise answers');
  expect(JSON.stringify(told[0])).toContain('of another release of Edgewise');
}, 90_000);
