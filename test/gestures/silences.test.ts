import { describe, expect, it } from 'vitest';
import { SourceError } from '../../src/domain/gathered.ts';
import type { FormValues, View } from '../../src/domain/gesture.ts';
import type { Incident } from '../../src/domain/incident.ts';
import type { GestureWorld } from '../../src/gestures/world.ts';
import { silenceBlocks } from '../../src/stages/compose/silence-values.ts';
import { viewProblems } from '../../src/workspace/view-rules.ts';
import { alertOf, episodes, wordsOf } from '../support/episodes.ts';
import { ada, click, command, gesturing, stranger, submitted } from '../support/gestures.ts';
import { call, down, holding } from '../support/metrics.ts';

const { store, clock, worldOn, told, hear } = episodes('silencing');
const sickFor = (callee: string) => holding(call('checkout', callee, { 200: 700, 503: 300 }));
const alertAbout = (callee: string, name = 'EdgeErrorRatioHigh') => alertOf('checkout', callee, { name });
const living = (alert: ReturnType<typeof alertOf>) => ({
  ...alert,
  state: 'active' as const,
  silencedBy: [],
  inhibitedBy: [],
});

/** An incident about a callee of its own, and an Alertmanager that lists its alert. */
const about = async (callee: string, more: Partial<GestureWorld> = {}) => {
  await hear(worldOn(sickFor(callee)), alertAbout(callee));
  const incident = (await store().openIncidents()).find(({ title }) => title === `checkout → ${callee}`) as Incident;
  const made = gesturing(worldOn(down), more);
  made.alerts.are([living(alertAbout(callee))]);
  return { ...made, incident, now: async () => (await store().incident(incident.id)) as Incident };
};

type Element = {
  readonly options?: readonly { readonly value: string }[];
  readonly initial_options?: readonly { readonly value: string }[];
  readonly initial_option?: { readonly value: string };
  readonly initial_value?: string;
};
const elementOf = (view: View | undefined, block: string): Element =>
  (view?.blocks.find(({ block_id: id }) => id === block)?.['element'] ?? {}) as Element;
/** What Slack would say against the form. */
const problemsOf = (view: View | undefined) => {
  const text = { type: 'plain_text', text: 'x' };
  return viewProblems({ type: 'modal', title: text, submit: text, blocks: view?.blocks }, 'modal', () => 'ready').problems;
};
/** The form as Slack sends it back when nothing in it is changed but the reason. */
const filled = (view: View | undefined, more: FormValues = {}): FormValues => ({
  [silenceBlocks.matchers]: (elementOf(view, silenceBlocks.matchers).initial_options ?? []).map(({ value }) => value),
  [silenceBlocks.duration]: '1h',
  [silenceBlocks.comment]: 'deploy',
  ...more,
});

describe('“Silence…”', () => {
  it('opens the form, and what is sent is in Alertmanager, in the root and in the thread', async () => {
    const { does, silences, incident, now } = await about('payments');
    const { opened, said } = await does(click('silence', incident.id));
    expect(said).toEqual([]);
    const [form] = opened;
    expect(JSON.stringify(form?.blocks)).toContain('Hides 1 alert that fires now');
    const { problems } = await does(submitted(form?.context ?? '', filled(form)));
    expect(problems).toBeNull();
    expect(silences.made).toMatchObject([{ createdBy: 'slack:U0ADA', comment: 'deploy' }]);
    expect(silences.made[0]?.matchers).toContainEqual({ name: 'alertname', value: 'EdgeErrorRatioHigh' });
    expect(await now()).toMatchObject({ silences: [{ by: 'U0ADA', comment: 'deploy' }] });
    const items = await told();
    expect(items.map(({ purpose }) => purpose).toSorted()).toEqual(['edit', 'thread']);
    expect(wordsOf(items, 'thread')[0]).toMatch(/^\*Silenced\* by <@U0ADA> until .*: deploy/);
    expect(JSON.stringify(items.find(({ purpose }) => purpose === 'edit')?.message.blocks)).toMatch(/🔕 \*Silenced\*.*Unsilence/);
  });

  it('draws the form anew for what is chosen, and keeps what it was opened with', async () => {
    const { does, incident } = await about('preview');
    const [form] = (await does(click('silence', incident.id))).opened;
    const values = filled(form, { [silenceBlocks.matchers]: [], [silenceBlocks.comment]: null });
    const shown = { callback: 'silence', context: form?.context ?? '', values };
    const { updated } = await does(click('silence-preview', '', { messageTs: null, form: shown }));
    expect(JSON.stringify(updated[0]?.blocks)).toContain('Choose at least one label');
    expect(updated[0]?.context).toBe(form?.context);
    expect((form?.context ?? '').length).toBeLessThan(300);
    for (const view of [form, updated[0]]) expect(problemsOf(view)).toEqual([]);
  });

  it('says beside the fields what stands in the way, in plain words, and makes nothing', async () => {
    const { does, silences, rows, incident } = await about('fields');
    const [form] = (await does(click('silence', incident.id))).opened;
    const send = (more: FormValues) => does(submitted(form?.context ?? '', filled(form, more)));
    expect((await send({ [silenceBlocks.comment]: ' ' })).problems).toEqual({ comment: expect.stringMatching(/^Say why/) });
    expect((await send({ [silenceBlocks.ownDuration]: '9d' })).problems).toEqual({
      'duration-own': expect.stringContaining('at most'),
    });
    expect((await send({ [silenceBlocks.matchers]: [] })).problems).toEqual({
      matchers: expect.stringMatching(/^Choose at least one/),
    });
    expect(silences.made).toEqual([]);
    expect(rows).toEqual([]);
    await hear(worldOn(down), { ...alertAbout('fields'), status: 'resolved' });
    const late = (await send({})).problems;
    expect(late).toEqual({ comment: expect.stringMatching(/^checkout → fields is over since \d\d:\d\d: resolved\.$/) });
    expect(rows).toMatchObject([{ outcome: 'failed', detail: 'it was over' }]);
  });

  it('never hides more than the form offered, whatever comes back', async () => {
    const { does, silences, incident } = await about('forged');
    const [form] = (await does(click('silence', incident.id))).opened;
    for (const forged of [
      ['["severity","page"]'],
      ['["alertname",".*"]'],
      ['["alertname",""]'],
      ['#0:00000000'],
      ['__proto__'],
      ['["job","x"]'],
    ]) {
      const { problems } = await does(submitted(form?.context ?? '', filled(form, { [silenceBlocks.matchers]: forged })));
      expect(Object.keys(problems ?? {})).toContain('matchers');
    }
    expect(silences.made).toEqual([]);
  });

  it.each(['', 'null', '[]', '{"incident":7}', '{"incident":"nobody’s"}', '{"incident":{"$ne":1}}', '"'])(
    'with the context “%s” is about no incident',
    async (context) => {
      const { does, silences } = gesturing(worldOn(down));
      const { problems } = await does(submitted(context, { comment: 'x' }));
      expect(problems).toEqual({ comment: expect.stringMatching(/no longer known/) });
      expect(silences.made).toEqual([]);
    },
  );

  it('is allowed by the channel in which the form was asked for, to people of this workspace alone', async () => {
    const roles = { acknowledge: 'everyone', digest: 'everyone', silence: { users: [], groups: [], channels: ['C1'] } } as const;
    const { does, silences, rows, incident } = await about('channelled', { roles });
    const [form] = (await does(click('silence', incident.id))).opened;
    const there = form?.context ?? '';
    expect((await does(submitted(there, filled(form), stranger))).problems).toEqual({
      comment: expect.stringMatching(/^People of another/),
    });
    const elsewhere = await does(click('silence', incident.id, { person: { ...ada, channelId: 'C9' } }));
    expect(elsewhere.opened).toEqual([]);
    expect(elsewhere.words()[0]).toMatch(/whoever asks in the channel C1/);
    const context = JSON.stringify({ incident: incident.id, channel: 'C9' });
    expect((await does(submitted(context, filled(form)))).problems).toEqual({
      comment: expect.stringMatching(/whoever asks in/),
    });
    expect(silences.made).toEqual([]);
    expect((await does(submitted(there, filled(form)))).problems).toBeNull();
    expect(rows.map(({ outcome, channelId }) => [outcome, channelId])).toEqual([
      ['refused', 'C1'],
      ['refused', 'C9'],
      ['refused', 'C9'],
      ['done', 'C1'],
    ]);
    await told();
  });

  it('opens within Slack’s patience although Alertmanager does not tell what fires', async () => {
    const { does, alerts, incident } = await about('dark');
    alerts.are(null);
    const [form] = (await does(click('silence', incident.id))).opened;
    expect(JSON.stringify(form?.blocks)).toContain('nobody knows what this would hide');
    const late = await does(click('silence', incident.id), ['open']);
    expect(late.words()).toEqual([expect.stringMatching(/^The form did not open: Slack .*Click once more\.$/)]);
  });

  it.each([
    ['off', { silenceLimits: { isAllowed: false, mostSeconds: 14_400 } }, /SILENCES=on/, 'refused'],
    ['without an Alertmanager', { silencesOf: () => null }, /^No Alertmanager is configured for prod/, 'failed'],
  ] as const)('where it is %s says so by every way', async (name, more, words, outcome) => {
    const callee = `shut-${name.slice(0, 3)}`;
    const { does, rows, incident } = await about(callee, more);
    expect((await does(click('silence', incident.id))).words()[0]).toMatch(words);
    expect((await does(command(`silence ${callee} 1h "deploy"`))).words()[0]).toMatch(words);
    const context = JSON.stringify({ incident: incident.id, channel: 'C1' });
    expect((await does(submitted(context, {}))).problems).toEqual({ comment: expect.stringMatching(words) });
    expect(rows.map((row) => row.outcome)).toEqual([outcome, outcome, outcome]);
  });
});

describe('/mesh silence', () => {
  it('with length and reason is done at once; without either it is the form', async () => {
    const { does, silences } = await about('spoken');
    expect((await does(command('silence spoken'))).opened).toHaveLength(1);
    expect((await does(command('silence spoken 2h'))).opened).toHaveLength(1);
    expect((await does(command('silence spoken "deploy of spoken"'))).opened).toHaveLength(1);
    expect(silences.made).toEqual([]);
    const { words, opened } = await does(command('silence checkout → spoken 2h "deploy"'));
    expect(opened).toEqual([]);
    expect(words()[0]).toMatch(/^Silenced by <@U0ADA> until/);
    expect(silences.made[0]?.endsAtMs).toBeGreaterThan(clock.nowMs() + 7_100_000);
    expect((await does(command('silence spoken 3d "deploy"'))).words()[0]).toMatch(/^Not silenced:\n.*at most 4h/);
    await told();
  });

  it.each([
    ['', '1h', undefined, undefined],
    ['2h', '2h', undefined, undefined],
    ['90m', '1h', '1h30m', undefined],
    ['"deploy of v2 & <v3"', '1h', undefined, 'deploy of v2 & <v3'],
  ])('begins the form with what was said: %s', async (said, listed, exactly, why) => {
    const { does } = await about('spoken');
    const [form] = (await does(command(`silence spoken ${said}`))).opened;
    expect(problemsOf(form)).toEqual([]);
    expect(elementOf(form, silenceBlocks.duration).initial_option?.value).toBe(listed);
    expect(elementOf(form, silenceBlocks.ownDuration).initial_value).toBe(exactly);
    expect(elementOf(form, silenceBlocks.comment).initial_value).toBe(why);
  });

  it('says in the form that what was asked for is longer than allowed, and cuts nothing', async () => {
    const { does, silences } = await about('spoken');
    const [form] = (await does(command('silence spoken 3d'))).opened;
    expect(elementOf(form, silenceBlocks.ownDuration).initial_value).toBe('3d');
    expect(JSON.stringify(form?.blocks)).toContain('That is 3d; at most 4h from here.');
    expect(silences.made).toEqual([]);
  });

  it('is not done where Alertmanager refuses, and perhaps done where it does not answer', async () => {
    const { does, silences, rows, now } = await about('refusing');
    silences.is(new SourceError('Alertmanager', 'refused', 'lets nobody write (HTTP 403)'));
    const text = 'silence refusing 1h "deploy"';
    expect((await does(command(text))).words()).toEqual(['Not silenced: Alertmanager lets nobody write (HTTP 403).']);
    silences.is('slow');
    expect((await does(command(text))).words()[0]).toMatch(
      /^Perhaps not silenced: Alertmanager did not answer in 2\.0 s\. Look there/,
    );
    expect((await now()).silences ?? []).toEqual([]);
    expect(rows.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(await told()).toEqual([]);
  });

  it('that the store cannot keep is said to be made all the same, and written down as done', async () => {
    const { world, incident } = await about('forgetful');
    const away = async (): Promise<never> => {
      throw new SourceError('store', 'unreachable', 'refused the connection');
    };
    const { does, silences, rows, alerts } = gesturing({ ...world, store: { ...world.store, change: away } });
    alerts.are([living(alertAbout('forgetful'))]);
    const { words } = await does(command('silence forgetful 1h "deploy"'));
    expect(words()[0]).toMatch(
      /^Silenced by <@U0ADA>[\s\S]*The incident's message does not say so: the store refused the connection/,
    );
    expect(silences.made).toHaveLength(1);
    expect(rows).toMatchObject([{ incidentId: incident.id, outcome: 'done', detail: expect.stringMatching(/does not say so$/) }]);
  });
});
