import fc from 'fast-check';
import { expect, it } from 'vitest';
import { callersOf, stillOf } from '../../src/domain/storm.ts';
import { handleDelivery } from '../../src/episodes/delivery.ts';
import { alertOf, episodes } from '../support/episodes.ts';
import { down } from '../support/metrics.ts';

const { store, worldOn, accept, told } = episodes('storms-whole');

const edges = fc.tuple(fc.constantFrom(...'abcdef'), fc.constantFrom('payments', 'orders'));
const deliveries = fc.array(fc.uniqueArray(edges, { minLength: 1, maxLength: 6, selector: String }), {
  minLength: 1,
  maxLength: 4,
});

let runs = 0;
it('every alert is in one incident, none is lost and who is well again is not counted, in whatever deliveries they come, one after the other or at once', async () => {
  const world = worldOn(down);
  await fc.assert(
    fc.asyncProperty(deliveries, fc.boolean(), fc.infiniteStream(fc.boolean()), async (groups, atOnce, coins) => {
      runs += 1;
      const alerts = groups.map((group, n) =>
        group.map(([caller, callee]) => alertOf(caller, `${callee}-${runs}`, { name: `Rule${n}` })),
      );
      const ids: string[] = [];
      for (const mine of alerts) ids.push(await accept(mine));
      if (atOnce) await Promise.all(ids.map((id) => handleDelivery(world, id)));
      else for (const id of ids) await handleDelivery(world, id);
      const open = (await store().openIncidents()).filter(({ title }) => title.endsWith(`-${runs}`));
      const held = open.flatMap((incident) => incident.alerts.map(({ fingerprint }) => fingerprint));
      expect(held.toSorted()).toEqual(
        alerts
          .flat()
          .map(({ fingerprint }) => fingerprint)
          .toSorted(),
      );
      const roots = (await told()).filter(({ purpose }) => purpose === 'root').map(({ rootId }) => rootId);
      expect(roots.toSorted()).toEqual(open.map(({ id }) => id).toSorted());
      for (const incident of open) {
        const callers = callersOf(incident);
        if (callers !== null) expect(incident.title).toMatch(new RegExp(`^${callers.all.length} callers? →`));
      }
      const ended = alerts.flat().filter(() => coins.next().value);
      const endings: string[] = [];
      for (const alert of ended) endings.push(await accept([{ ...alert, status: 'resolved' }]));
      if (atOnce) await Promise.all(endings.map((id) => handleDelivery(world, id)));
      else for (const id of endings) await handleDelivery(world, id);
      await told();
      for (const storm of (await store().openIncidents()).filter(({ title }) => title.endsWith(`-${runs}`))) {
        const { parts = [] } = storm;
        const stood = await Promise.all(parts.map(({ incidentId }) => store().incident(incidentId)));
        const mine = [storm, ...stood].flatMap((one) => one?.alerts ?? []).filter(({ state }) => state === 'firing');
        const firing = mine.map(({ fingerprint }) => fingerprint.split(':')[1]);
        const counted = callersOf(storm);
        if (counted !== null) expect(new Set(counted.affected)).toEqual(new Set(firing));
        if (counted !== null) expect(storm.lastHeader).toContain(`${stillOf(counted)} caller`);
      }
    }),
    { numRuns: 12 },
  );
}, 120_000);
