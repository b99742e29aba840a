import { afterEach, describe, expect, it } from 'vitest';
import type { Person, View } from '../../src/domain/gesture.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { keepHomes, renewHomes } from '../../src/gestures/home.ts';
import { onGesture } from '../../src/gestures.ts';
import { spoken } from '../../src/stages/compose/spoken.ts';
import { alertOf, away, episodes, sickFor } from '../support/episodes.ts';
import { ada, bo, click, gesturing, recordingScreen, stranger } from '../support/gestures.ts';
import { down } from '../support/metrics.ts';

const { store, ahead, worldOn, told, hear, incidentAbout, now, clock } = episodes('home');

/** A Home as it is read from top to bottom. */
const read = (view: View | undefined): string => spoken({ text: '', blocks: view?.blocks ?? [] });
/** Where the blocks stand that say so: −1 where none does. */
const placeOf = (view: View | undefined, what: string): number =>
  (view?.blocks ?? []).findIndex((block) => JSON.stringify(block).includes(what));
const opened = (person: Person) => ({ kind: 'home', person: { ...person, channelId: null } }) as const;
/** A click in the Home, where there is no message. */
const inHome = (action: string, value: string, person: Person = ada) =>
  click(action, value, { messageTs: null, person: { ...person, channelId: null } });
// Fifteen incidents fill a Home: what a test opened is over when the next one begins.
afterEach(async () => {
  for (const { edge } of await store().openIncidents())
    await hear(worldOn(down), alertOf('checkout', edge?.destination.service ?? '', { status: 'resolved' }));
  expect(await store().openIncidents()).toEqual([]);
});
const from = '📌 *The incident you came from*';

describe('the way from a message to the Home', () => {
  it('has the incident of that message first, marked, before louder ones; “All incidents” goes back', async () => {
    await hear(worldOn(sickFor('payments')), alertOf('checkout', 'payments', { severity: 'warning' }));
    const [first] = await store().openIncidents();
    if (first === undefined) throw new Error('nothing is open');
    await incidentAbout('stock');
    const { does } = gesturing(worldOn(down));
    expect(placeOf((await does(opened(ada))).published[0], from)).toBe(-1);
    const { published, said } = await does(click('home', first.id));
    const [view] = published;
    expect(said).toEqual([]);
    expect(read(view)).toMatch(/^2 open incidents/);
    expect(placeOf(view, from)).toBeLessThan(placeOf(view, 'checkout → payments'));
    expect(placeOf(view, 'checkout → payments')).toBeLessThan(placeOf(view, 'checkout → stock'));
    expect(view?.blocks.filter((block) => JSON.stringify(block).includes(`home:${first.id}`))).toHaveLength(1);
    // Slack tells of the opened Home too, before the click or after it.
    expect(placeOf((await does(opened(ada))).published[0], from)).toBeGreaterThan(0);
    // What one person looks at is no other's.
    expect(placeOf((await does(opened(bo))).published[0], from)).toBe(-1);
    const [all] = (await does(inHome('home-all', 'home'))).published;
    expect(placeOf(all, from)).toBe(-1);
    expect(placeOf(all, 'checkout → payments')).toBeGreaterThan(placeOf(all, 'checkout → stock'));
    expect(placeOf((await does(opened(ada))).published[0], from)).toBe(-1);
  });

  it('is found where the client told nothing of the click: the last incident that the person did something to is first', async () => {
    const incident = await incidentAbout('ledger');
    const { does } = gesturing(worldOn(down));
    for (const action of ['drill', 'acknowledge', 'unacknowledge', 'silence']) {
      await does(inHome('home-all', 'home'));
      await does(click(action, incident.id));
      const [view] = (await does(opened(ada))).published;
      expect(placeOf(view, 'checkout → ledger'), action).toBe(placeOf(view, from) + 1);
    }
    ahead(601_000);
    expect(placeOf((await does(opened(ada))).published[0], from)).toBe(-1);
    await told();
  });

  it('tells of one that is over how it went, and who had looked after it', async () => {
    const incident = await incidentAbout('carts');
    const { does } = gesturing(worldOn(down));
    await does(click('acknowledge', incident.id, { person: bo }));
    await told();
    ahead(240_000);
    await hear(worldOn(down), alertOf('checkout', 'carts', { status: 'resolved' }));
    const [view] = (await does(click('home', incident.id))).published;
    const text = read(view);
    expect(text).toContain('✅ Resolved: checkout → carts');
    expect(text).toMatch(/Resolved at \d\d:\d\d after \d+ min/);
    expect(text).toMatch(/Peak: 30 % failing/);
    expect(text).toMatch(/Acknowledged by <@U0BO> at/);
    expect(text).toContain('Last verdict: ');
    expect(JSON.stringify(view)).toContain('home-all');
    expect(JSON.stringify(view)).not.toContain(`home:${incident.id}`);
  });

  it('says so once where the incident is known no more, or is of another workspace', async () => {
    const { does } = gesturing(worldOn(down));
    expect(read((await does(click('home', crypto.randomUUID()))).published[0])).toContain('no longer known');
    expect(read((await does(opened(ada))).published[0])).not.toContain('no longer known');
    const incident = await incidentAbout('elsewhere');
    const other = gesturing(worldOn(down), { workspace: 'another', openIncidents: async () => [] });
    const [view] = (await other.does(click('home', incident.id))).published;
    expect(JSON.stringify(view)).not.toContain('elsewhere');
  });

  it('is none for people of another organisation, who are told so', async () => {
    const incident = await incidentAbout('strangers');
    for (const showsStrangers of [false, true]) {
      const { does } = gesturing(worldOn(down), { showsStrangers });
      const { published, words } = await does(click('home', incident.id, { person: stranger }));
      expect(published).toEqual([]);
      expect(words()).toEqual([
        showsStrangers
          ? 'The Home is for people of this workspace.'
          : 'Figures and causes are kept from people of other organisations here.',
      ]);
    }
  });

  it('says that the store is away, and names nothing', async () => {
    const { does } = gesturing(worldOn(down), { openIncidents: away });
    const { published } = await does(click('home', crypto.randomUUID()));
    expect(read(published[0])).toMatch(/^Open incidents are not known/);
    expect(read(published[0])).toMatch(/The store refused the connection/);
  });

  it('shows last what was composed last, also while Slack is slow', async () => {
    const incident = await incidentAbout('racing');
    const { world } = gesturing(worldOn(down));
    const shown: View[] = [];
    const gate = Promise.withResolvers<void>();
    let isFirst = true;
    const publish = async (view: View): Promise<void> => {
      if (isFirst) {
        isFirst = false;
        await gate.promise;
      }
      shown.push(view);
    };
    const screen = { ...recordingScreen().screen, publish };
    const both = [onGesture(world)(opened(ada), screen), onGesture(world)(click('home', incident.id), screen)];
    gate.resolve();
    await Promise.all(both);
    expect(shown).toHaveLength(2);
    expect(placeOf(shown[1], from)).toBeGreaterThan(0);
  });
});

describe('a click in the Home', () => {
  const guarded = { users: ['U0BO'], groups: [], channels: [] };

  it('is answered at the place of its incident, and the list stays', async () => {
    const [one, two] = [await incidentAbout('orders'), await incidentAbout('returns')];
    const { does } = gesturing(worldOn(down));
    const { published, said } = await does(inHome('acknowledge', one.id));
    const [view] = published;
    expect(said).toEqual([]);
    expect(placeOf(view, 'You look after')).toBe(placeOf(view, `home:${one.id}`) - 1);
    expect(placeOf(view, `home:${two.id}`)).toBeGreaterThan(0);
    await told();
  });

  it('that is refused is told there too, a silence and its end as well, and takes nothing away', async () => {
    const incident = await incidentAbout('vault');
    const { does } = gesturing(worldOn(down), { roles: { acknowledge: guarded, silence: guarded, digest: 'everyone' } });
    for (const action of ['acknowledge', 'silence', 'unsilence']) {
      const { published, said, opened: modals } = await does(inHome(action, incident.id));
      expect(said, action).toEqual([]);
      expect(modals, action).toEqual([]);
      expect(placeOf(published[0], 'Who may'), action).toBe(placeOf(published[0], `home:${incident.id}`) - 1);
    }
    expect((await now(incident))?.acknowledged ?? null).toBeNull();
  });

  it('about one that is over meanwhile is told at the top: it has no place any more', async () => {
    const incident = await incidentAbout('gone');
    await hear(worldOn(down), alertOf('checkout', 'gone', { status: 'resolved' }));
    const { does } = gesturing(worldOn(down));
    expect(placeOf((await does(inHome('acknowledge', incident.id))).published[0], 'is over since')).toBe(2);
  });
});

describe('a Home that is open', () => {
  const reader = async (world: ReturnType<typeof gesturing>['world'], person = ada, failing: readonly 'publish'[] = []) => {
    const shown = recordingScreen(failing);
    await onGesture(world)(opened(person), shown.screen).catch(() => undefined);
    return shown.published;
  };

  it('is shown anew when an incident opens, is acknowledged or resolves, and not where nothing has changed', async () => {
    const { world, does } = gesturing(worldOn(down));
    const published = await reader(world);
    await renewHomes(world);
    expect(published).toHaveLength(1);
    const incident = await incidentAbout('fresh');
    await renewHomes(world);
    expect(read(published[1])).toContain('checkout → fresh');
    await does(click('acknowledge', incident.id, { person: bo }));
    await renewHomes(world);
    expect(read(published[2])).toContain('acknowledged by <@U0BO>');
    await told();
    await hear(worldOn(down), alertOf('checkout', 'fresh', { status: 'resolved' }));
    await renewHomes(world);
    expect(read(published[3])).not.toContain('checkout → fresh');
    await renewHomes(world);
    expect(published).toHaveLength(4);
  });

  it('keeps for a minute what came of a click there', async () => {
    const incident = await incidentAbout('kept');
    const { world } = gesturing(worldOn(down));
    const shown = recordingScreen();
    await onGesture(world)(inHome('acknowledge', incident.id), shown.screen);
    await incidentAbout('beside');
    await renewHomes(world);
    expect(read(shown.published[1])).toContain('You look after checkout → kept');
    ahead(61_000);
    await incidentAbout('further');
    await renewHomes(world);
    expect(read(shown.published[2])).toContain('checkout → further');
    expect(read(shown.published[2])).not.toContain('You look after');
    await told();
  });

  it('is left alone while the store is away, ten minutes after it was opened, and once Slack refuses it', async () => {
    const gone = { isAway: false };
    const base = worldOn(down);
    const openIncidents = () => (gone.isAway ? away() : base.store.openIncidents());
    const { world, lines } = gesturing(base, { openIncidents });
    const published = await reader(world);
    let refused = 0;
    const screen = recordingScreen().screen;
    const refusing = {
      ...screen,
      publish: async () => {
        refused += 1;
        if (refused > 1) throw new Error('user_not_found');
      },
    };
    await onGesture(world)(opened(bo), refusing);
    gone.isAway = true;
    await incidentAbout('unseen');
    await renewHomes(world);
    expect([published.length, refused]).toEqual([1, 1]);
    gone.isAway = false;
    await renewHomes(world);
    expect([published.length, refused]).toEqual([2, 2]);
    expect(lines.map(({ event }) => event)).toContain('a Home could not be shown anew');
    await incidentAbout('again');
    await renewHomes(world);
    expect([published.length, refused]).toEqual([3, 2]);
    ahead(601_000);
    await incidentAbout('late');
    await renewHomes(world);
    expect(published).toHaveLength(3);
  });

  it('is shown anew to the last twenty who opened it', async () => {
    const { world } = gesturing(worldOn(down));
    const all: View[][] = [];
    for (let n = 0; n < 25; n += 1) all.push(await reader(world, { ...ada, userId: `U0${n}` }));
    await incidentAbout('crowd');
    await renewHomes(world);
    expect(all.map(({ length }) => length)).toEqual([...Array(5).fill(1), ...Array(20).fill(2)]);
  });

  it('is kept up to date by itself, every fifteen seconds, until that is stopped', async () => {
    const sleeps: number[] = [];
    const steps = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
      sleeps.push(ms);
      const step = steps[sleeps.length - 1];
      signal?.addEventListener('abort', () => step?.resolve());
      await step?.promise;
    };
    const base = worldOn(down);
    const { world } = gesturing({ ...base, clock: { nowMs: clock.nowMs, sleep } });
    const published = await reader(world);
    const incident: Incident = await incidentAbout('timely');
    const kept = keepHomes(world);
    expect(published).toHaveLength(1);
    steps[0]?.resolve();
    await expect.poll(() => sleeps.length).toBe(2);
    expect(read(published[1])).toContain(incident.title);
    await kept.stop();
    expect(sleeps).toEqual([15_000, 15_000]);
  });
});
