import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OnGesture } from '../../../src/adapters/slack/inbox.ts';
import { openPostgres } from '../../../src/adapters/store/postgres.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { SourceError } from '../../../src/domain/gathered.ts';
import type { Gesture } from '../../../src/domain/gesture.ts';
import type { Store } from '../../../src/ports.ts';
import { until } from '../../contracts/store-values.ts';
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/postgres.ts';
import { click, command, homeOpened, shortcut, submission } from './gestures.ts';
import { openApp, signedPost, wireOf } from './stage.ts';

const button = { type: 'button', action_id: 'ack', value: 'incident-7' };
const quietMs = 300;
const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, quietMs));

type Stage = Awaited<ReturnType<typeof openApp>>;
const posted = ({ slack }: Stage, method: string) => slack.heard.filter((call) => call.method === method);

describe.skipIf(postgresMissing !== null)(`two replicas${postgresMissing === null ? '' : `: ${postgresMissing}`}`, () => {
  let server: PostgresServer;
  let stores: readonly Store[] = [];
  let replicas: readonly Stage[] = [];
  const heard: Gesture[] = [];
  let answer: OnGesture = async () => undefined;
  beforeAll(async () => {
    server = await startPostgres();
    const url = server.database('replicas');
    stores = await Promise.all(['a', 'b', 'c'].map(() => openPostgres({ url, clock: systemClock, log: () => undefined })));
  }, 60_000);
  afterEach(async () => {
    for (const replica of replicas) await replica.stop();
    heard.length = 0;
    answer = async () => undefined;
  });
  afterAll(async () => {
    for (const store of stores) await store.close();
    await server.stop();
  });
  const listen: OnGesture = async (gesture, screen) => {
    heard.push(gesture);
    return answer(gesture, screen);
  };
  const opened = async (kind: 'socket' | 'http', store: Store | undefined): Promise<Stage> => {
    if (store === undefined) throw new Error('no store');
    const stage = await openApp(kind, listen, systemClock, { once: store.once });
    await stage.app.start();
    await until(() => stage.app.state() === 'connected');
    return stage;
  };
  const open = async (kind: 'socket' | 'http'): Promise<readonly Stage[]> => {
    replicas = await Promise.all(stores.slice(0, 2).map((store) => opened(kind, store)));
    return replicas;
  };
  const everyKind = [
    ['a command', 'slash_commands', () => command('once', '')],
    ['a click', 'interactive', () => click(button, '')],
    ['a shortcut', 'interactive', () => shortcut('', {})],
    ['the Home', 'events_api', () => homeOpened('home')],
    ['a form', 'interactive', () => submission({})],
  ] as const;

  it.each(everyKind)('that get the same signed request at once do it once: %s', async (_name, kind, make) => {
    const { body, type } = wireOf(kind, make());
    const atMs = Date.now();
    const answers = await Promise.all((await open('http')).map(({ base }) => signedPost(base, body, type, { atMs })));
    await quiet();
    expect([answers.map(({ status }) => status), heard.length]).toEqual([[200, 200], 1]);
  });

  it.each(everyKind)('that get the same envelope at once do it once: %s', async (_name, kind, make) => {
    const envelope = { envelope_id: `same ${_name}`, type: kind, payload: make(), accepts_response_payload: true };
    const acks = await Promise.all((await open('socket')).map(({ slack }) => slack.toAll(envelope)));
    await quiet();
    expect(acks.flat().map((ack) => ack['envelope_id'])).toEqual([envelope.envelope_id, envelope.envelope_id]);
    expect(heard).toHaveLength(1);
  });

  it('know a request that names no gesture by its signature', async () => {
    const { body, type } = wireOf('slash_commands', command('nameless', '', { trigger_id: '' }));
    const atMs = Date.now();
    const pair = await open('http');
    for (const { base } of pair) await signedPost(base, body, type, { atMs });
    await quiet();
    expect(heard).toHaveLength(1);
    // Typed again: the same words, signed a second later.
    await signedPost(pair[1]?.base ?? '', body, type, { atMs: atMs - 2000 });
    await until(() => heard.length === 2);
  });

  it('keep no form open that the other took: it closes, and who sent it is told where to look', async () => {
    answer = async () => ({ reason: 'Say why.' });
    const [first, second] = await open('http');
    if (first === undefined || second === undefined) throw new Error('no replica');
    const form = submission({});
    expect(await first.deliver('interactive', form)).toMatchObject({ answer: { response_action: 'errors' } });
    expect(await second.deliver('interactive', form)).toEqual({ status: 200, answer: null });
    await until(() => posted(second, 'chat.postMessage').length > 0);
    expect(posted(second, 'chat.postMessage')[0]?.given).toMatchObject({ channel: 'D1', text: 'elsewhere' });
    expect([heard.length, posted(first, 'chat.postMessage').length]).toEqual([1, 0]);
  });

  it('do nothing again that was done before a restart', async () => {
    const [first] = await open('http');
    const typed = command('before', '');
    await first?.deliver('slash_commands', typed);
    await until(() => heard.length === 1);
    const restarted = await opened('http', stores[2]);
    replicas = [...replicas, restarted];
    expect(await restarted.deliver('slash_commands', typed)).toMatchObject({ status: 200 });
    await quiet();
    expect(heard).toHaveLength(1);
    expect(restarted.lines.filter((line) => line.includes('came again'))).toHaveLength(1);
  });
});

describe('while the store', () => {
  const away = new SourceError('store', 'unreachable', 'cannot be reached');
  it.each<[string, Store['once'], string]>([
    ['is away', () => Promise.reject(away), 'cannot be reached'],
    ['does not answer', () => new Promise(() => undefined), 'does not answer in time'],
  ])('%s, gestures are done once all the same by what this replica has seen, and the log says so', async (_name, once, why) => {
    const heard: Gesture[] = [];
    const stage = await openApp('http', async (gesture) => void heard.push(gesture), undefined, { once });
    await stage.app.start();
    const typed = command('while away', '');
    for (const changes of [{}, { api_app_id: 'A2' }])
      expect(await stage.deliver('slash_commands', { ...typed, ...changes })).toEqual({ status: 200, answer: null });
    expect(await stage.deliver('interactive', submission({}))).toEqual({ status: 200, answer: null });
    await until(() => heard.length === 2);
    await quiet();
    expect(heard.map(({ kind }) => kind)).toEqual(['command', 'submit']);
    expect(stage.lines.filter((line) => line.includes('it is done') && line.includes(why))).toHaveLength(2);
    expect(stage.lines.join('\n')).not.toContain('canary');
    await stage.stop();
  });
});
