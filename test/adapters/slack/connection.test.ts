import { describe, expect, it } from 'vitest';
import { type SlackAppState, slackInbox } from '../../../src/adapters/slack/app.ts';
import { keepConnected } from '../../../src/slack.ts';
import { startWorkspace } from '../../../src/workspace/workspace.ts';
import { until } from '../../contracts/store-values.ts';
import { fastClock } from '../../support/fast-clock.ts';
import { optionsFor } from './stage.ts';

const clock = fastClock(200);
const quiet = () => undefined;

describe('the connection for slash commands', () => {
  it('is made although Slack was away, and then refused the token, when the bot started', async () => {
    const workspace = await startWorkspace();
    workspace.fail('auth.test', { kind: 'status', status: 503 }, 1);
    workspace.fail('auth.test', { kind: 'error', error: 'invalid_auth' }, 1);
    const options = optionsFor(workspace, (_, screen) => screen.say({ text: 'here', blocks: [] }));
    const make = () => slackInbox(options);
    const kept = keepConnected(make, clock, quiet);
    await until(() => kept.state() === 'connected');
    expect((await workspace.command('/mesh help', '#mesh-alerts')).text).toBe('here');
    await kept.stop();
    await workspace.close();
  });

  it('is made anew when it stays lost, and left alone while it comes back by itself', async () => {
    let state: SlackAppState = 'connected';
    let made = 0;
    const make = () => {
      made += 1;
      state = 'connected';
      return { start: async () => undefined, stop: async () => undefined, state: () => state };
    };
    const kept = keepConnected(make, clock, quiet);
    await clock.sleep(20_000);
    state = 'connecting';
    await clock.sleep(20_000);
    state = 'connected';
    await clock.sleep(120_000);
    expect(made).toBe(1);
    state = 'disconnected';
    await until(() => made === 2);
    await kept.stop();
  });
});
