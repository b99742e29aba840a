import { describe, expect, it } from 'vitest';
import { istio } from '../../src/dialects/istio.ts';
import { SourceError } from '../../src/domain/gathered.ts';
import type { Message } from '../../src/domain/message.ts';
import { readQuestion } from '../../src/domain/question-text.ts';
import { keptAnswers } from '../../src/gestures/world.ts';
import { onGesture } from '../../src/gestures.ts';
import type { ChartRenderer, MetricsSource } from '../../src/ports.ts';
import { shareable } from '../../src/stages/compose/drill.ts';
import { alertOf, episodes } from '../support/episodes.ts';
import { ada, bo, click, command, gesturing, recordingScreen, stranger } from '../support/gestures.ts';
import { call, down, holding } from '../support/metrics.ts';

const { store, worldOn, told, hear } = episodes('answers');
const sick = holding(call('checkout', 'payments', { 200: 700, 503: 300 }));
const why = command('why checkout → payments');

type Button = { readonly action_id?: string; readonly value?: string; readonly text?: { readonly text?: string } };
const buttonsOf = (message: Message | undefined): readonly Button[] =>
  (message?.blocks ?? []).flatMap(({ type, elements }) => (type === 'actions' ? (elements as readonly Button[]) : []));
const shareOf = (message: Message | undefined): string =>
  buttonsOf(message).find(({ action_id: action }) => action === 'share')?.value ?? '';

const charts: ChartRenderer = {
  draw: async () => ({
    name: 'hero',
    png: new Uint8Array([1]),
    widthPx: 1,
    heightPx: 1,
    altText: 'errors of checkout → payments',
  }),
  close: async () => undefined,
};
/** A mesh whose figures can be drawn. */
const drawn = () => ({ ...worldOn(sick), charts });
const never = () => new Promise<never>(() => undefined);
const refuses = async (): Promise<never> => {
  throw new SourceError('Slack', 'refused', 'lacks the scope files:write');
};

describe('an answer', () => {
  it('is seen by the one who asked, and shared it says the same to all, whatever the figures are by then', async () => {
    let metrics = sick;
    const world = worldOn(sick);
    const moving: MetricsSource = {
      name: 'Prometheus',
      instant: (...given) => metrics.instant(...given),
      range: (...given) => metrics.range(...given),
    };
    const clusters = [{ name: 'prod', dialect: istio, rules: null, deadlineMs: 2000, metrics: moving }];
    const { does } = gesturing(world, { clusters });
    const [answer] = (await does(why)).said;
    expect(answer?.shared).toBe(false);
    expect(answer?.message.text).toMatch(/checkout → payments: 30 % failing/);
    metrics = down;
    const [shared, ...others] = (await does(click('share', shareOf(answer?.message)))).said;
    expect(others).toEqual([]);
    expect(shared?.shared).toBe(true);
    expect(shared?.message.text).toBe(answer?.message.text);
    expect(JSON.stringify(shared?.message.blocks)).toContain('Shared by <@U0ADA>');
    expect(buttonsOf(shared?.message)).toEqual([]);
  });

  it('is asked anew after a restart, and what nothing answers now is told to the one who shares alone', async () => {
    const before = gesturing(worldOn(sick));
    const value = shareOf((await before.does(why)).said[0]?.message);
    const after = gesturing(worldOn(sick));
    expect((await after.does(click('share', value))).said.map(({ shared }) => shared)).toEqual([true]);
    const broken = gesturing(worldOn(down));
    const [said] = (await broken.does(click('share', value))).said;
    expect(said?.shared).toBe(false);
    expect(broken.rows).toEqual([]);
  });

  it('of somebody else is not found by its key', async () => {
    const answers = keptAnswers();
    const key = answers.keep({
      by: ada.userId,
      asked: '/mesh why a',
      message: { text: 'secret', blocks: [] },
      picture: Promise.resolve(null),
    });
    expect(answers.get(key, bo.userId)).toBeNull();
    expect(answers.get(key, ada.userId)?.message.text).toBe('secret');
    const { does } = gesturing(worldOn(sick), { answers });
    const { said } = await does(click('share', JSON.stringify({ key }), { person: bo }));
    expect(said).toMatchObject([{ shared: false, message: { text: expect.stringMatching(/^Not shared/) } }]);
  });

  it('is kept for a while and not for ever', () => {
    const answers = keptAnswers();
    const keys = Array.from({ length: 400 }, (_, n) =>
      answers.keep({ by: 'U1', asked: `${n}`, message: { text: '', blocks: [] }, picture: Promise.resolve(null) }),
    );
    expect(keys.filter((key) => answers.get(key, 'U1') !== null)).toEqual(keys.slice(100));
  });

  it.each(['', 'garbage', 'null', '7', '[]', '{"key":7,"words":{}}', '{"words":"'])(
    'with the value “%s” is not shared, and that is said',
    async (value) => {
      const { does } = gesturing(worldOn(sick));
      const { said } = await does(click('share', value));
      expect(said).toMatchObject([{ shared: false, message: { text: expect.stringMatching(/^Not shared/) } }]);
    },
  );

  it('has a button that Slack takes whatever was asked, and never one with half a question', () => {
    for (const words of ['why a → b', '"'.repeat(1000), '\u0000'.repeat(1000), '\ud83d'.repeat(999), 'x'.repeat(5000)]) {
      const value = shareOf(shareable({ text: 'x', blocks: [] }, crypto.randomUUID(), words));
      expect(value.length).toBeLessThanOrEqual(2000);
      expect([words, undefined]).toContain((JSON.parse(value) as { readonly words?: string }).words);
    }
  });

  it('acts on nothing: the words of a button or of a share are a question', async () => {
    await hear(worldOn(sick), alertOf('checkout', 'payments'));
    await told();
    const [incident] = await store().openIncidents();
    const { does, rows, silences } = gesturing(worldOn(sick));
    for (const words of [`ack ${incident?.id}`, `silence ${incident?.id} 1h "x"`])
      for (const gesture of [click('ask-0', words), click('share', JSON.stringify({ key: 'k', words }))])
        expect((await does(gesture)).said).toMatchObject([
          { shared: false, message: { text: expect.stringMatching(/is done in Slack/) } },
        ]);
    expect(rows).toEqual([]);
    expect(silences.made).toEqual([]);
    expect(await told()).toEqual([]);
  });
});

describe('the picture of an answer', () => {
  it('goes to the messages of the one who asked, after the text', async () => {
    const { does } = gesturing(drawn());
    const { words } = await does(why);
    expect(words()[0]).toMatch(/checkout → payments/);
    expect(words()[1]).toBe('🖼 The picture is in your messages with Edgewise: open it (https://acme.slack.com/files/F1)');
  });

  it('that Slack does not take is said, and the text stood before it was tried', async () => {
    const refused = gesturing(drawn(), { showTo: refuses, shareIn: refuses });
    const answer = await refused.does(why);
    expect(answer.words()[1]).toBe('No picture: Slack lacks the scope files:write.');
    const shared = await refused.does(click('share', shareOf(answer.said[0]?.message)));
    expect(shared.words()[1]).toBe('Shared without its picture: Slack lacks the scope files:write.');
    const { world } = gesturing(drawn(), { showTo: never });
    const hanging = recordingScreen();
    void onGesture(world)(why, hanging.screen);
    await expect.poll(() => hanging.words()).toHaveLength(1);
    expect(hanging.words()[0]).toMatch(/checkout → payments/);
  });
});

describe('“Drill down…”', () => {
  it('asks what each of its buttons says, of the edge and the cluster of the incident', async () => {
    await hear(worldOn(sick), alertOf('checkout', 'payments'));
    await told();
    const incident = (await store().openIncidents()).find(({ title }) => title === 'checkout → payments');
    const { does } = gesturing(worldOn(sick));
    const [signals, ...buttons] = buttonsOf((await does(click('drill', incident?.id ?? ''))).said[0]?.message);
    expect(signals).toMatchObject({ action_id: 'four-signals', value: incident?.id });
    expect(buttons.map(({ value = '' }) => readQuestion(value).kind)).toEqual([
      ...['why', 'flags', 'top', 'diff', 'trace', 'routes', 'versions', 'pods', 'edges', 'graph'],
    ]);
    for (const { value = '' } of buttons) expect(readQuestion(value)).toMatchObject({ options: { cluster: 'prod' } });
    const { said } = await does(click(buttons[0]?.action_id ?? '', buttons[0]?.value ?? ''));
    expect(said[0]?.message.text).toMatch(/checkout → payments: 30 % failing/);
  });

  it('of a storm asks about the callee before one of its callers, and draws all of them together', async () => {
    const callers = ['cart', 'web', 'mobile'];
    const metrics = holding(callers.flatMap((caller, n) => call(caller, 'hub', { 200: 900 - 300 * n, 503: 100 + 300 * n })));
    await hear(worldOn(metrics), ...callers.map((caller) => alertOf(caller, 'hub')));
    const storm = (await store().openIncidents()).find(({ title }) => title === '3 callers → hub');
    const { does } = gesturing(worldOn(metrics));
    const [signals, ...buttons] = buttonsOf((await does(click('drill', storm?.id ?? ''))).said[0]?.message);
    expect(signals).toMatchObject({ action_id: 'four-signals', value: storm?.id });
    expect(buttons.map(({ value = '' }) => readQuestion(value).kind)).toEqual([
      ...['top', 'stat', 'routes', 'graph', 'versions', 'pods', 'why', 'flags', 'diff', 'trace', 'edges'],
    ]);
    expect(buttons[6]?.text?.text).toBe('Triage now (cart)');
    const { said } = await does(click(buttons[0]?.action_id ?? '', buttons[0]?.value ?? ''));
    expect(JSON.stringify(said[0]?.message)).toMatch(/mobile.*hub/s);
  });

  it('answers people of another organisation only where that is allowed', async () => {
    const why = command('why checkout → payments', stranger);
    const { said } = await gesturing(worldOn(sick)).does(why);
    expect(said.map(({ message }) => message.text)).toEqual([
      'Figures and causes are kept from people of other organisations here.',
    ]);
    const open = await gesturing(worldOn(sick), { showsStrangers: true }).does(why);
    expect(open.said[0]?.message.text).toMatch(/checkout → payments: 30 % failing/);
  });

  it('draws no signals and lists no incident for people of another organisation', async () => {
    const incident = (await store().openIncidents()).find(({ title }) => title === 'checkout → payments');
    const drawn = await gesturing(worldOn(sick)).does(click('four-signals', incident?.id ?? '', { person: stranger }));
    expect(drawn.said.map(({ message }) => message.text)).toEqual([
      'Figures and causes are kept from people of other organisations here.',
    ]);
    const home = await gesturing(worldOn(sick)).does({ kind: 'home', person: stranger });
    const shown = JSON.stringify(home.published);
    expect(shown).toContain('Figures and causes are kept');
    expect(shown).not.toMatch(/checkout|failing/);
    expect(JSON.stringify((await gesturing(worldOn(sick)).does({ kind: 'home', person: ada })).published)).toContain(
      'checkout → payments',
    );
  });

  it('draws the four signals for the one who asks, and says their figures where no picture can be drawn', async () => {
    const incident = (await store().openIncidents()).find(({ title }) => title === 'checkout → payments');
    const ask = click('four-signals', incident?.id ?? '');
    const without = await gesturing(worldOn(sick)).does(ask);
    expect(without.said.map(({ message }) => message.text)).toEqual([
      expect.stringMatching(/^No picture of checkout → payments/),
    ]);
    expect(buttonsOf(without.said[0]?.message)).toEqual([]);
    const pictures: string[] = [];
    const shareIn = async (channelId: string) => void pictures.push(channelId);
    const { does, rows } = gesturing(drawn(), { shareIn });
    const { said, words } = await does(ask);
    expect(said[0]?.message.text).toMatch(/checkout → payments/);
    expect(words()[1]).toMatch(/^🖼 The picture is in your messages/);
    const share = click('share', shareOf(said[0]?.message));
    const [told] = (await does(share)).said;
    expect(told).toMatchObject({ shared: true, message: { text: said[0]?.message.text } });
    expect(JSON.stringify(told?.message.blocks)).toMatch(/Shared by <@U0ADA>.*Four signals of checkout → payments/);
    expect(pictures).toEqual([ada.channelId]);
    expect(rows).toMatchObject([{ action: 'share', outcome: 'done', detail: 'Four signals of checkout → payments' }]);
    const later = await gesturing(drawn()).does(share);
    expect(later.said).toMatchObject([{ shared: false, message: { text: expect.stringMatching(/^Not shared: .* Ask again/) } }]);
  });

  it('shares nothing where people of another organisation read along, or nobody knows whether they do', async () => {
    const share = click('share', JSON.stringify({ key: 'k', words: 'help' }));
    const along = await gesturing(worldOn(sick), { isSharedOutside: async () => true }).does(share);
    expect(along.said.map(({ message, shared }) => [message.text, shared])).toEqual([
      ['Not shared: people of another organisation read along here.', false],
    ]);
    const unknown = await gesturing(worldOn(sick), {
      isSharedOutside: () => Promise.reject(new SourceError('Slack', 'timeout', 'did not answer')),
    }).does(share);
    expect(unknown.said[0]?.message.text).toMatch(/^Not shared: Slack did not tell who reads along here/);
  });
});
