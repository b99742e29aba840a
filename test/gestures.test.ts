import { describe, expect, it } from 'vitest';
import type { Gesture, View } from '../src/domain/gesture.ts';
import { auditLine } from '../src/gestures/audit-line.ts';
import { viewProblems } from '../src/workspace/view-rules.ts';
import { away, episodes, sickFor } from './support/episodes.ts';
import { ada, bo, click, command, gesturing, stranger } from './support/gestures.ts';
import { down } from './support/metrics.ts';

const { worldOn, told, incidentAbout, now } = episodes('gestures');
const textOf = (view: View | undefined): string => JSON.stringify(view?.blocks ?? []);

describe('an incident that is not there', () => {
  it.each([
    '',
    'garbage',
    '00000000-0000-4000-8000-000000000000',
    "'; drop table edgewise.incident; --",
    '\u0000',
    'x'.repeat(2000),
  ])('is said of “%.40s”', async (value) => {
    const { does, silences } = gesturing(worldOn(down));
    for (const action of ['acknowledge', 'unacknowledge', 'refresh', 'unsilence', 'right-edge', 'wrong-edge', 'silence', 'drill'])
      expect((await does(click(action, value))).words()[0]).toMatch(/no longer known|Nothing was done: the store/);
    expect(silences.made).toEqual([]);
  });

  it('is one of another workspace in the same database', async () => {
    const incident = await incidentAbout('elsewhere');
    const { does } = gesturing(worldOn(down), { workspace: 'T2', openIncidents: async () => [] });
    expect((await does(click('acknowledge', incident.id))).words()[0]).toMatch(/no longer known/);
    expect((await does(command('ack elsewhere'))).words()[0]).toMatch(/^No open incident/);
    expect((await now(incident))?.acknowledged ?? null).toBeNull();
  });

  it('is told apart from a store that does not answer', async () => {
    const incident = await incidentAbout('stored');
    const world = worldOn(down);
    const { does, lines } = gesturing({ ...world, store: { ...world.store, incident: away, openIncidents: away, audit: away } });
    for (const gesture of [click('acknowledge', incident.id), click('silence', incident.id), command('ack stored')])
      expect((await does(gesture)).words()[0]).toMatch(/^Nothing was done: the store refused the connection/);
    const home = await does({ kind: 'home', person: ada });
    expect(textOf(home.published[0])).toContain('Open incidents are not known');
    expect(lines).toEqual([]);
  });
});

describe('the audit', () => {
  it('has one row and one line of the log with the same fields for every act and every refusal', async () => {
    const incident = await incidentAbout('audited');
    const { does, rows, lines } = gesturing(worldOn(sickFor('audited')));
    const gestures: readonly Gesture[] = [
      click('acknowledge', incident.id),
      click('acknowledge', incident.id, { person: bo }),
      click('unacknowledge', incident.id, { person: stranger }),
      command('unack audited'),
      command('silence audited 1h "deploy"'),
      click('unsilence', incident.id),
      click('unsilence', incident.id),
      click('right-edge', incident.id),
      click('wrong-edge', incident.id, { person: stranger }),
      click('share', JSON.stringify({ key: 'k', words: 'help' })),
      click('share', JSON.stringify({ key: 'k', words: 'help' }), { person: stranger }),
    ];
    for (const gesture of gestures) await does(gesture);
    expect(rows.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'acknowledge done',
      'acknowledge failed',
      'unacknowledge refused',
      'unacknowledge done',
      'silence done',
      'unsilence done',
      'unsilence failed',
      'right edge done',
      'wrong edge refused',
      'share done',
      'share refused',
    ]);
    expect(lines.filter(({ event }) => event === 'audit').map(({ fields }) => fields)).toEqual(rows.map(auditLine));
    for (const row of rows) expect(row).toMatchObject({ workspace: 'T1', channelId: 'C1' });
    await told();
  });

  it('that cannot be written is in the log, the act is done, and a judgement is not said to be noted', async () => {
    const incident = await incidentAbout('unwritten');
    const world = worldOn(down);
    const { does, lines } = gesturing({ ...world, store: { ...world.store, audit: away } });
    expect((await does(click('acknowledge', incident.id))).words()[0]).toMatch(/^You look after/);
    expect((await does(click('right-edge', incident.id))).words()).toEqual(['Not noted: the store refused the connection.']);
    expect(lines.map(({ level }) => level)).toEqual(['info', 'error', 'info', 'error']);
    await told();
  });
});

describe('the Home', () => {
  it('shows what is open, does what its buttons say, and says what came of it', async () => {
    const incident = await incidentAbout('homely');
    const { does } = gesturing(worldOn(down));
    const home = await does({ kind: 'home', person: ada });
    expect(textOf(home.published[0])).toContain(incident.id);
    const done = await does(click('acknowledge', incident.id, { messageTs: null }));
    expect(done.said).toEqual([]);
    expect(textOf(done.published[0])).toMatch(/acknowledged by <@U0ADA>/);
    const refused = await does(click('unacknowledge', incident.id, { messageTs: null, person: stranger }));
    expect(textOf(refused.published[0])).toContain('People of another organisation may look');
    expect((await does(click('home-refresh', 'home', { messageTs: null }))).published).toHaveLength(1);
    for (const { published } of [home, done, refused]) {
      const wire = { type: 'home', blocks: published[0]?.blocks };
      expect(viewProblems(wire, 'home', () => 'ready')).toEqual({ problems: [], isTooLarge: false });
    }
    await told();
  });
});

describe('from the menu of a message', () => {
  const at = (callback: string, messageTs: string, threadTs: string | null = null): Gesture => ({
    kind: 'shortcut',
    person: ada,
    callback,
    messageTs,
    threadTs,
  });

  it('the incident is the one whose root or thread it is', async () => {
    const incident = await now(await incidentAbout('menu'));
    const root = incident?.rootTs ?? '';
    const { does } = gesturing(worldOn(down));
    expect((await does(at('mesh_drill', root))).words()[0]).toMatch(/^Look closer at checkout → menu/);
    expect((await does(at('mesh_ack', '1800000000.000001', root))).words()[0]).toMatch(/^You look after checkout → menu/);
    expect((await does(at('mesh_ack', '1800000000.000001'))).words()).toEqual(['This message speaks of no open incident.']);
    const elsewhere = { ...at('mesh_ack', root), person: { ...ada, channelId: 'C9' } };
    expect((await does(elsewhere)).words()).toEqual(['This message speaks of no open incident.']);
    expect((await does(at('mesh_of_tomorrow', root))).words()[0]).toMatch(/^This is of another release/);
    await told();
  });
});

describe('a button of another release', () => {
  it.each(['constructor', '__proto__', 'toString', '', 'ask-', 'ask-1x', 'explode'])(
    'named “%s” is said to be one',
    async (action) => {
      const { does } = gesturing(worldOn(down));
      expect((await does(click(action, 'x'))).words()[0]).toMatch(/^This is of another release of Edgewise/);
    },
  );
});
