import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { controlsOf } from './controls.ts';
import type { Load } from './load.ts';
import { healthyProxy } from './proxy.ts';
import type { Sidecars } from './sidecars.ts';
import { podsOf } from './topology.ts';

const [pod] = podsOf(0);
if (pod === undefined) throw new Error('the mesh has no pod');
const nothing = (): void => undefined;
const soon = async (): Promise<void> => undefined;

const controlled = (signal = new AbortController().signal, kill = soon) => {
  const sidecars: Sidecars = {
    configure: nothing,
    configOf: () => healthyProxy(0, pod),
    kill,
    start: soon,
    press: nothing,
    admin: async () => '',
    stop: soon,
  };
  const load: Load = { set: nothing, impatient: nothing, buyers: nothing, strangers: nothing, stop: nothing };
  return controlsOf({ index: 0, pods: [pod], sidecars, apps: [], load, signal });
};

it('what fails again and again is a failure of the mesh until it is healed, and ends nothing', async () => {
  const { controls, undo, failures } = controlled(undefined, async () => {
    throw new Error('no such process');
  });
  let times = 0;
  controls.every(0.01, async () => {
    times += 1;
    await controls.killProxy(pod.service);
  });
  await wait(60);
  expect(times).toBe(1);
  expect(failures()).toEqual(['what is done every 0.01 s failed: Error: no such process']);
  await undo();
  expect(failures()).toEqual([]);
});

it('what is done again and again is not begun while it is still under way, and ends when the mesh is healed', async () => {
  const { controls, undo } = controlled();
  let [times, atOnce, most] = [0, 0, 0];
  controls.every(0.01, async () => {
    times += 1;
    atOnce += 1;
    most = Math.max(most, atOnce);
    await wait(20);
    atOnce -= 1;
  });
  await wait(150);
  await undo();
  const seen = times;
  await wait(60);
  expect(seen).toBeGreaterThan(1);
  expect(most).toBe(1);
  expect(times).toBe(seen);
});

it.each(['the mesh is healed', 'the lab ends'])('waiting ends when %s', async (how) => {
  const ending = new AbortController();
  const { controls, undo } = controlled(ending.signal);
  const startedMs = performance.now();
  const waited = controls.wait(60);
  if (how === 'the lab ends') ending.abort();
  else await undo();
  await waited;
  expect(performance.now() - startedMs).toBeLessThan(5000);
});
