import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OnGesture } from '../../../src/adapters/slack/inbox.ts';
import type { Gesture } from '../../../src/domain/gesture.ts';
import { until } from '../../contracts/store-values.ts';
import { click, clickAtHome, clickInModal, command, homeOpened, shortcut, submission } from './gestures.ts';
import { openApp, ourTeam } from './stage.ts';

const person = { userId: 'U1', teamId: ourTeam, isStranger: false, channelId: 'C1' };
const nowhere = { ...person, channelId: null };
const button = { type: 'button', action_id: 'ack', value: 'incident-7' };
const blocks = [{ type: 'section', text: { type: 'plain_text', text: 'x' } }];

describe.each(['socket', 'http'] as const)('what people do in Slack, by %s', (kind) => {
  let app: Awaited<ReturnType<typeof openApp>>;
  const heard: Gesture[] = [];
  let answer: OnGesture = async () => undefined;
  const said = (method: string) => app.slack.heard.filter((call) => call.method === method).map(({ given }) => given);
  beforeAll(async () => {
    app = await openApp(kind, async (gesture, screen) => {
      heard.push(gesture);
      return answer(gesture, screen);
    });
    await app.app.start();
    await until(() => app.app.state() === 'connected');
  }, 30_000);
  beforeEach(() => {
    heard.length = 0;
    app.slack.heard.length = 0;
    answer = async () => undefined;
  });
  afterAll(() => app.stop());

  /** Delivers, and waits until the handler has heard and ended. */
  const done = async (...delivery: Parameters<typeof app.deliver>) => {
    let isOver = false;
    const inner = answer;
    answer = (gesture, screen) =>
      inner(gesture, screen).finally(() => {
        isOver = true;
      });
    const ack = await app.deliver(...delivery);
    await until(() => isOver);
    return ack;
  };

  it('a command comes as it was typed, and is answered to its asker alone', async () => {
    answer = (_, screen) => screen.say({ text: 'hello', blocks });
    expect(await done('slash_commands', command('why a -&gt; b &amp; "c"', app.respondUrl))).toEqual({
      status: 200,
      answer: null,
    });
    expect(heard).toEqual([{ kind: 'command', person, text: 'why a -> b & "c"' }]);
    expect(said('respond')).toEqual([expect.objectContaining({ response_type: 'ephemeral', text: 'hello', blocks })]);
  });

  it('an answer for everybody stands in the channel, and one in a thread stays there', async () => {
    answer = (_, screen) => screen.say({ text: 'for all', blocks: [] }, true);
    await done('interactive', shortcut(app.respondUrl, { thread_ts: '9.9' }));
    expect(heard[0]).toEqual({ kind: 'shortcut', person, callback: 'mesh_drill', messageTs: '10.2', threadTs: '9.9' });
    expect(said('respond')).toEqual([
      expect.objectContaining({ response_type: 'in_channel', text: 'for all', thread_ts: '9.9' }),
    ]);
  });

  it.each<[string, object, string]>([
    ['a button', button, 'incident-7'],
    ['a select', { type: 'static_select', action_id: 'ack', selected_option: { value: '1h' } }, '1h'],
    ['an overflow menu', { type: 'overflow', action_id: 'ack', selected_option: { value: 'mute' } }, 'mute'],
    ['checkboxes', { type: 'checkboxes', action_id: 'ack', selected_options: [{ value: 'a' }, { value: 'b' }] }, 'a,b'],
    ['a person', { type: 'users_select', action_id: 'ack', selected_user: 'U2' }, 'U2'],
    ['a time', { type: 'datetimepicker', action_id: 'ack', selected_date_time: 1_700_000_000 }, '1700000000'],
    ['a button without a value', { type: 'button', action_id: 'ack' }, ''],
  ])('a click on %s says what was chosen', async (_name, action, value) => {
    await done('interactive', click(action, app.respondUrl));
    expect(heard).toEqual([{ kind: 'click', person, action: 'ack', value, messageTs: '10.1', isEphemeral: false, form: null }]);
  });

  it('a click in a modal says what its fields hold now, and may update it or open another above', async () => {
    answer = async (_, screen) => {
      await screen.update(null, { type: 'modal', title: 'Silence', blocks: [] });
      expect(await screen.open({ type: 'modal', blocks: [] })).toBe('VPUSHED');
      await screen.say({ text: 'done', blocks: [] });
    };
    const values = {
      reason: { text: { type: 'plain_text_input', value: 'deploy' } },
      matchers: { pick: { type: 'checkboxes', selected_options: [{ value: 'm1' }] } },
      two: { until: { type: 'timepicker', selected_time: '10:00' }, day: { type: 'datepicker', selected_date: null } },
    };
    await done('interactive', clickInModal(button, values));
    expect(heard[0]).toEqual({
      kind: 'click',
      person: nowhere,
      action: 'ack',
      value: 'incident-7',
      messageTs: null,
      isEphemeral: false,
      form: {
        callback: 'silence',
        context: 'incident-7',
        values: { reason: 'deploy', matchers: ['m1'], until: '10:00', day: null },
      },
    });
    expect(said('views.update')[0]).toMatchObject({ view_id: 'V1', view: { title: { type: 'plain_text', text: 'Silence' } } });
    expect(said('conversations.open')).toEqual([{ users: 'U1' }]);
    expect(said('chat.postMessage')[0]).toMatchObject({ channel: 'D1', text: 'done' });
  });

  it('the Home is published when it is opened, and other tabs are nothing to us', async () => {
    answer = (_, screen) => screen.publish({ type: 'home', blocks: [] });
    await app.deliver('events_api', homeOpened('messages'));
    await done('events_api', homeOpened('home'));
    expect(heard).toEqual([{ kind: 'home', person: nowhere }]);
    expect(said('views.publish')).toEqual([{ user_id: 'U1', view: { type: 'home', blocks: [] } }]);
  });

  it('a click at Home is in no message and in no modal', async () => {
    await done('interactive', clickAtHome(button));
    expect(heard[0]).toMatchObject({ kind: 'click', person: nowhere, messageTs: null, form: null });
  });

  it('a modal that is sent stays open with its problems, and closes without', async () => {
    answer = async () => ({ reason: 'Say why.' });
    const problems = { response_action: 'errors', errors: { reason: 'Say why.' } };
    const sent = submission({ reason: { text: { type: 'plain_text_input', value: '' } } });
    expect(await done('interactive', sent)).toEqual({ status: 200, answer: problems });
    expect(heard[0]).toEqual({
      kind: 'submit',
      person: nowhere,
      callback: 'silence',
      context: 'incident-7',
      values: { reason: '' },
    });
    answer = async () => null;
    expect(await done('interactive', submission({}))).toEqual({ status: 200, answer: null });
  });

  it.each([
    ['the problems', { reason: 'Too long.' }, 'late {"reason":"Too long."}'],
    ['the success', null, 'late null'],
  ])('of a modal whose handler is slow %s are told later', async (_name, problems, text) => {
    answer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 600));
      return problems;
    };
    expect(await app.deliver('interactive', submission({}))).toEqual({ status: 200, answer: null });
    await until(() => said('chat.postMessage').length > 0);
    expect(said('chat.postMessage')[0]).toMatchObject({ channel: 'D1', text });
  });

  it('a modal whose handler fails keeps what was typed, and says so at a field', async () => {
    answer = async () => Promise.reject(new Error('broken'));
    const ack = await done('interactive', submission({}));
    expect(ack.answer).toEqual({ response_action: 'errors', errors: { reason: 'failed' } });
  });

  it('a handler that fails is answered in words, and the next gesture is heard', async () => {
    answer = async () => Promise.reject(new Error('broken'));
    expect((await done('slash_commands', command('break', app.respondUrl))).status).toBe(200);
    await until(() => said('respond').length === 1);
    expect(said('respond')[0]).toMatchObject({ text: 'failed' });
    answer = async () => undefined;
    await done('slash_commands', command('again', app.respondUrl));
    expect(heard.map((gesture) => gesture.kind === 'command' && gesture.text)).toEqual(['break', 'again']);
  });

  it('a slow handler keeps nobody waiting', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    answer = () => promise;
    expect(await app.deliver('slash_commands', command('slow', app.respondUrl))).toEqual({ status: 200, answer: null });
    resolve();
  });

  it('what is delivered twice is done once, and answered alike', async () => {
    answer = async () => ({ reason: 'No.' });
    for (const [what, payload] of [
      ['slash_commands', command('once', app.respondUrl)],
      ['interactive', click(button, app.respondUrl)],
      ['interactive', shortcut(app.respondUrl, {})],
      ['events_api', homeOpened('home')],
      ['interactive', submission({})],
    ] as const) {
      heard.length = 0;
      const first = await app.deliver(what, payload);
      await until(() => heard.length === 1);
      // Signed anew, as Slack does: other bytes, the same gesture.
      const second = await app.deliver(what, { ...payload, api_app_id: 'A2' });
      expect(second).toEqual(first);
      await app.deliver('slash_commands', command('after', app.respondUrl));
      await until(() => heard.length === 2);
      expect(heard.map((gesture) => gesture.kind).at(-1)).toBe('command');
    }
  });

  it.each([
    ['a click of another organisation', 'interactive', click(button, '', { user: { id: 'U9', team_id: 'T9' } }), 'T9'],
    ['a click whose team Slack does not say', 'interactive', click(button, '', { user: { id: 'U9' } }), ''],
    ['a command of another organisation', 'slash_commands', command('why', '', { team_id: 'T9', user_id: 'U9' }), 'T9'],
    ['a message of a shared channel', 'interactive', shortcut('', {}, { user: { id: 'U9', team_id: 'T9' } }), 'T9'],
    [
      'a Home in a shared channel',
      'events_api',
      homeOpened('home', { is_ext_shared_channel: true, event: { type: 'app_home_opened', user: 'U9', tab: 'home' } }),
      '',
    ],
    [
      'a Home with the team of who opened it',
      'events_api',
      homeOpened('home', { event: { type: 'app_home_opened', user: 'U9', tab: 'home', user_team: 'T9' } }),
      'T9',
    ],
  ] as const)('%s is a stranger', async (_name, what, payload, teamId) => {
    await done(what, payload);
    expect(heard[0]?.person).toMatchObject({ userId: 'U9', teamId, isStranger: true });
  });

  it('an answer whose blocks Slack refuses is given as text, once more', async () => {
    app.slack.refuse('respond', 'invalid_blocks');
    answer = (_, screen) => screen.say({ text: 'plain', blocks });
    await done('slash_commands', command('badly', app.respondUrl));
    expect(said('respond').map((given) => 'blocks' in given)).toEqual([true, false]);
    app.slack.refuse('chat.postMessage', 'invalid_blocks');
    await done('interactive', clickAtHome(button));
    expect(said('chat.postMessage').map((given) => 'blocks' in given)).toEqual([true, false]);
  });

  it('only a message that one person sees is replaced or taken away', async () => {
    answer = (_, screen) => screen.replace({ text: 'instead', blocks: [] }).then(() => screen.replace(null));
    const seenByOne = { container: { type: 'message', message_ts: '10.1', is_ephemeral: true } };
    await done('interactive', click(button, app.respondUrl, seenByOne));
    expect(heard[0]).toMatchObject({ isEphemeral: true });
    expect(said('respond')).toEqual([
      expect.objectContaining({ replace_original: true, text: 'instead' }),
      { delete_original: true },
    ]);
    answer = (_, screen) => expect(screen.replace(null)).rejects.toMatchObject({ name: 'SourceError', reason: 'unsupported' });
    await done('interactive', click(button, app.respondUrl));
    expect(said('respond')).toHaveLength(2);
  });

  it.each([
    ['views.open', 'expired_trigger_id', 'timeout', '3 s'],
    ['views.open', 'missing_scope', 'refused', 'scope'],
    ['views.open', 'no_such_code', 'refused', 'no_such_code'],
    ['respond', 'used_url', 'refused', 'five answers'],
  ])('what %s refuses with %s is a failure of Slack in words', async (method, code, reason, detail) => {
    app.slack.refuse(method, code);
    answer = async (_, screen) => {
      const tried = method === 'respond' ? screen.say({ text: 'x', blocks: [] }) : screen.open({ type: 'modal', blocks: [] });
      await expect(tried).rejects.toMatchObject({
        name: 'SourceError',
        source: 'Slack',
        reason,
        message: expect.stringContaining(detail),
      });
    };
    await done('slash_commands', command('open', app.respondUrl));
    expect(app.slack.heard.filter((call) => call.method === method)).toHaveLength(1);
    expect(app.lines.join('\n')).not.toContain('AssertionError');
  });

  it('no answer goes to an address that is not Slack’s', async () => {
    answer = (_, screen) => expect(screen.say({ text: 'x', blocks: [] })).rejects.toMatchObject({ reason: 'refused' });
    await done('slash_commands', command('why', 'http://127.0.0.1:1/canary-response'));
    expect(app.lines.join('\n')).not.toContain('AssertionError');
  });

  it('a kind that is not ours, and a payload without its parts, do no harm', async () => {
    const odd = [{ type: 'block_suggestion' }, { type: 'block_actions', actions: [] }, { type: 'nothing' }];
    await Promise.all(odd.map((payload) => app.deliver('interactive', payload)));
    await done('slash_commands', command('still here', app.respondUrl));
    expect(heard).toHaveLength(1);
  });

  it('the log has no secret, no token, and no key of a gesture', () => {
    expect(app.lines.length).toBeGreaterThan(0);
    expect(app.lines.join('\n')).not.toContain('canary');
  });
});

describe.each(['socket', 'http'] as const)('the end of the app, by %s', (kind) => {
  it('waits for what is being done, and takes nothing more', async () => {
    const ended: string[] = [];
    const app = await openApp(kind, async (gesture) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      ended.push(gesture.kind);
    });
    await app.app.start();
    await until(() => app.app.state() === 'connected');
    await app.deliver('slash_commands', command('late', app.respondUrl));
    expect(ended).toEqual([]);
    await app.app.stop();
    expect(ended).toEqual(['command']);
    expect((await app.deliver('slash_commands', command('too late', app.respondUrl))).status).not.toBe(200);
    expect(ended).toHaveLength(1);
    await app.webhook.drain();
    await app.slack.close();
  }, 20_000);
});

describe('Socket Mode', () => {
  it('is known to be lost when Slack does not let it open again, and nobody else stumbles over that', async () => {
    const app = await openApp('socket', async () => undefined);
    await app.app.start();
    await until(() => app.app.state() === 'connected');
    app.slack.refuse('apps.connections.open', 'invalid_auth');
    app.slack.hub.disconnect('refresh_requested');
    await until(() => app.app.state() === 'disconnected');
    expect(app.lines.filter((line) => line.includes('does not open again'))).toHaveLength(1);
    await app.stop();
  }, 20_000);

  it('goes on when Slack says that there were too many events', async () => {
    const heard: Gesture[] = [];
    const app = await openApp('socket', async (gesture) => void heard.push(gesture));
    await app.app.start();
    await until(() => app.app.state() === 'connected');
    const limited = { type: 'app_rate_limited', team_id: ourTeam, minute_rate_limited: 1_518_467_820, api_app_id: 'A1' };
    expect(await app.deliver('events_api', limited)).toEqual({ status: 200, answer: null });
    await app.deliver('events_api', { type: 'event_callback', event: null });
    await app.deliver('slash_commands', command('after', app.respondUrl));
    await until(() => heard.length === 1);
    expect(app.lines.filter((line) => line.includes('too many'))).toHaveLength(1);
    await app.stop();
  }, 20_000);
});
