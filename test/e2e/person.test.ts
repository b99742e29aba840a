import { afterEach, describe, expect, it } from 'vitest';
import { run } from '../cli/run.ts';
import { walk } from '../gestures/e2e-walk.ts';
import { startWorld, type Way, type World, withoutAlertmanager } from '../gestures/e2e-world.ts';

let world: World | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

describe.skipIf(withoutAlertmanager !== '')(`a person acts on an incident from Slack${withoutAlertmanager}`, () => {
  it('by Socket Mode and by HTTP alike: acknowledged, silenced, looked at closer, shared, resolved, judged', async () => {
    const told: (readonly string[])[] = [];
    for (const way of ['Socket Mode', 'HTTP'] satisfies readonly Way[]) {
      world = await startWorld(way);
      const { said, form, made, ended } = await walk(world);
      // By HTTP too it is known whose app this is, and so where its Home is.
      expect(said[0], way).toContain(' refresh home]');
      expect(form.refused, way).toMatchObject({ error: 'form', problems: { comment: expect.stringContaining('Say why') } });
      expect(form.taken, way).toEqual({ ok: true });
      expect(made, way).toMatchObject([
        { status: { state: 'active' }, createdBy: `slack:${world.workspace.people.ada}`, comment: 'known fault, INC-12' },
      ]);
      expect(made[0]?.matchers.map(({ name, value, isRegex, isEqual }) => [name, value, isRegex, isEqual]).toSorted()).toEqual([
        ['alertname', 'EdgeErrorRatioHigh', false, true],
        ['destination_service_name', 'payments', false, true],
      ]);
      expect(
        ended.map(({ status }) => status.state),
        way,
      ).toEqual(['expired']);
      await world.stopBot();
      const judged = await run(['feedback', '--json'], { DATA_DIR: world.environment['DATA_DIR'] ?? '' });
      expect(JSON.parse(judged.out), way).toEqual({ incidents: 1, right: 1, disputed: 0, precision: 1 });
      told.push(said);
      await world.close();
    }
    expect(told[1]).toEqual(told[0]);
  }, 180_000);
});
