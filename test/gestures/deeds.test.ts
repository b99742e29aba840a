import { describe, expect, it } from 'vitest';
import type { View } from '../../src/domain/gesture.ts';
import { alertOf, away, episodes, sickFor, wordsOf } from '../support/episodes.ts';
import { bo, click, command, gesturing, stranger } from '../support/gestures.ts';
import { down } from '../support/metrics.ts';

const { clock, ahead, worldOn, told, hear, incidentAbout, now } = episodes('deeds');
const textOf = (view: View | undefined): string => JSON.stringify(view?.blocks ?? []);

describe('Acknowledge', () => {
  it('is told in the root at once, with no question to any source, and can be taken back by somebody else', async () => {
    const incident = await incidentAbout('payments');
    const { does, rows } = gesturing(worldOn(down));
    expect((await does(click('acknowledge', incident.id))).words()).toEqual([
      'You look after checkout → payments now; its message says so.',
    ]);
    const [edit, ...others] = await told();
    expect(others).toEqual([]);
    expect(JSON.stringify(edit?.message.blocks)).toMatch(/👀 \*Acknowledged\* by <@U0ADA>/);
    expect(JSON.stringify(edit?.message.blocks)).toContain('Unacknowledge');
    expect((await does(click('unacknowledge', incident.id, { person: bo }))).words()).toEqual([
      'Nobody looks after checkout → payments now.',
    ]);
    expect((await now(incident))?.acknowledged).toBeNull();
    expect(rows.map(({ by, action, outcome, incidentId }) => [by, action, outcome, incidentId])).toEqual([
      ['U0ADA', 'acknowledge', 'done', incident.id],
      ['U0BO', 'unacknowledge', 'done', incident.id],
    ]);
  });

  it('of two at once is the first one’s, and the other hears whose', async () => {
    const incident = await incidentAbout('twice');
    const { does, rows } = gesturing(worldOn(down));
    const both = await Promise.all([
      does(click('acknowledge', incident.id)),
      does(click('acknowledge', incident.id, { person: bo })),
    ]);
    const first = (await now(incident))?.acknowledged?.by;
    const texts = both.flatMap(({ words }) => words()).toSorted();
    expect(texts[0]).toMatch(/^You look after/);
    expect(texts[1]).toContain(`was acknowledged already, by <@${first}>`);
    expect((await told()).map(({ purpose }) => purpose)).toEqual(['edit']);
    expect(rows.map(({ outcome }) => outcome).toSorted()).toEqual(['done', 'failed']);
    expect((await does(click('unacknowledge', incident.id))).words()[0]).toMatch(/^Nobody looks after/);
    expect((await does(click('unacknowledge', incident.id))).words()[0]).toMatch(/^Nobody has acknowledged/);
  });

  it('meets a late click with how it ended', async () => {
    const incident = await incidentAbout('ended');
    await hear(worldOn(down), alertOf('checkout', 'ended', { status: 'resolved' }));
    const { does, rows } = gesturing(worldOn(down));
    for (const action of ['acknowledge', 'unacknowledge', 'refresh', 'silence'])
      expect((await does(click(action, incident.id))).words()[0]).toMatch(
        /^checkout → ended is over since \d\d:\d\d: resolved\.$/,
      );
    expect(await told()).toEqual([]);
    expect(rows.map(({ outcome, detail }) => [outcome, detail])).toEqual([
      ['failed', 'it was over'],
      ['failed', 'it was over'],
      ['failed', 'it was over'],
    ]);
  });

  it('by words takes what they mean, of the cluster that they name, and asks where several are', async () => {
    const incident = await incidentAbout('worded');
    const { does } = gesturing(worldOn(down));
    expect((await does(command('ack checkout → worded --cluster west'))).words()[0]).toMatch(/^No open incident is about that/);
    expect((await does(command('ack'))).words()[0]).toMatch(/^Which one\?[\s\S]*in prod/);
    expect((await does(command(`ack ${incident.id.slice(0, 8)} --cluster prod`))).words()[0]).toMatch(/^You look after/);
    expect((await does(command('unack worded'))).words()[0]).toMatch(/^Nobody looks after/);
    expect((await does(command('ack nothing-like-it'))).words()[0]).toMatch(/^No open incident is about that/);
  });

  it('is nobody’s after a return', async () => {
    const incident = await incidentAbout('returning');
    const { does } = gesturing(worldOn(down));
    await does(click('acknowledge', incident.id));
    await told();
    await hear(worldOn(down), alertOf('checkout', 'returning', { status: 'resolved' }));
    await hear(worldOn(down), alertOf('checkout', 'returning', { startsAtMs: Date.now() }));
    expect(await now(incident)).toMatchObject({ state: 'open', acknowledged: null });
    expect((await does(click('acknowledge', incident.id, { person: bo }))).words()[0]).toMatch(/^You look after/);
  });
});

describe('who may not', () => {
  const only = { users: ['U0BO'], groups: ['S1'], channels: [] };

  it('is refused, is told who may, and changes nothing', async () => {
    const incident = await incidentAbout('guarded');
    const { does, rows } = gesturing(worldOn(down), { roles: { acknowledge: only, silence: only, digest: 'everyone' } });
    for (const gesture of [
      click('acknowledge', incident.id),
      command('ack guarded'),
      click('silence', incident.id),
      command('silence guarded 1h "deploy"'),
      click('unsilence', incident.id),
    ])
      expect((await does(gesture)).words()[0]).toMatch(/^Who may .* here: U0BO/);
    expect(rows.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'acknowledge refused',
      'acknowledge refused',
      'silence refused',
      'silence refused',
      'unsilence refused',
    ]);
    expect(await told()).toEqual([]);
  });

  it('is who is known by a user group alone while Slack does not tell who is in it', async () => {
    const incident = await incidentAbout('grouped');
    const roles = { acknowledge: { users: [], groups: ['S1'], channels: [] }, silence: only, digest: 'everyone' } as const;
    const unreadable = gesturing(worldOn(down), { roles, groupsOfUser: away });
    expect((await unreadable.does(click('acknowledge', incident.id))).words()[0]).toMatch(
      /user groups are not known: Slack refused/,
    );
    expect((await now(incident))?.acknowledged ?? null).toBeNull();
    const slow = gesturing(worldOn(down), { roles, groupsOfUser: () => new Promise(() => undefined) });
    expect((await slow.does(click('acknowledge', incident.id))).words()[0]).toMatch(/did not answer in 2\.0 s/);
    const member = gesturing(worldOn(down), { roles, groupsOfUser: async () => new Set(['S1']) });
    expect((await member.does(click('acknowledge', incident.id))).words()[0]).toMatch(/^You look after/);
    await told();
  });

  it('is everybody of another organisation, whatever is configured; looking is free where it is allowed', async () => {
    const incident = await incidentAbout('shared');
    const { does, rows } = gesturing(worldOn(sickFor('shared')), { showsStrangers: true });
    const by = { person: stranger };
    for (const action of ['acknowledge', 'unacknowledge', 'silence', 'unsilence'])
      expect((await does(click(action, incident.id, by))).words()[0]).toMatch(/^People of another organisation may look/);
    for (const action of ['right-edge', 'wrong-edge', 'share'])
      expect((await does(click(action, incident.id, by))).words()[0]).toMatch(/^Only people of this organisation/);
    expect(rows.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 7 }, () => 'refused'));
    expect((await does(click('drill', incident.id, by))).words()[0]).toMatch(/^Look closer at checkout → shared/);
    const answer = await does(command('why checkout → shared', stranger));
    expect(textOf({ type: 'home', blocks: answer.said[0]?.message.blocks ?? [] })).not.toContain('Share in channel');
    expect(await told()).toEqual([]);
  });
});

describe('Refresh', () => {
  it('reads the figures once for all who ask, and not again within seconds', async () => {
    const incident = await incidentAbout('figures');
    ahead(60_000);
    let asked = 0;
    const metrics = sickFor('figures');
    const instant: typeof metrics.instant = (...given) => {
      asked += 1;
      return metrics.instant(...given);
    };
    const { does } = gesturing(worldOn({ ...metrics, instant }));
    await does(click('refresh', incident.id));
    const once = asked;
    expect(once).toBeGreaterThan(0);
    await Promise.all([does(click('refresh', incident.id)), does(click('refresh', incident.id))]);
    expect(asked).toBe(once);
    ahead(60_000);
    await Promise.all([does(click('refresh', incident.id)), does(click('refresh', incident.id, { person: bo }))]);
    expect(asked).toBe(2 * once);
    expect(wordsOf(await told(), 'edit').length).toBeGreaterThan(0);
    expect((await now(incident))?.measuredAtMs).toBeGreaterThan(clock.nowMs() - 10_000);
  });
});
