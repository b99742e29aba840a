import { afterEach, describe, expect, it } from 'vitest';
import { type Control, startControl } from './control.ts';

let control: Control | null = null;
afterEach(async () => {
  await control?.stop();
  control = null;
});

const asked = async (kind: string, version: string, names: readonly string[] = []) => {
  const answer = await fetch(`http://127.0.0.1:${control?.port}/v3/discovery:${kind}`, {
    method: 'POST',
    body: JSON.stringify({ version_info: version, resource_names: names, node: { id: 'a' } }),
  });
  return {
    status: answer.status,
    body: answer.status === 200 ? ((await answer.json()) as { version_info: string; resources: unknown[] }) : null,
  };
};

const told = (cluster: string) => ({
  listeners: [{ name: 'out' }],
  clusters: [{ name: cluster }],
  routes: [{ name: 'outbound' }, { name: 'inbound' }],
});

describe('the control plane of the lab', () => {
  it('answers a proxy that has nothing at once, with the routes that it names only', async () => {
    control = await startControl('127.0.0.1');
    control.tell('a', told('one'));
    expect((await asked('clusters', '')).body).toEqual({ version_info: '1', resources: [{ name: 'one' }] });
    expect((await asked('routes', '', ['inbound'])).body?.resources).toEqual([{ name: 'inbound' }]);
  });

  it('holds the question of a proxy that has the newest until there is something newer, and only for what changed', async () => {
    control = await startControl('127.0.0.1');
    control.tell('a', told('one'));
    const held: string[] = [];
    const clusters = asked('clusters', '1').then((answer) => {
      held.push('clusters');
      return answer;
    });
    void asked('listeners', '1').then(
      () => held.push('listeners'),
      () => undefined,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(held).toEqual([]);
    control.tell('a', told('two'));
    expect((await clusters).body).toEqual({ version_info: '2', resources: [{ name: 'two' }] });
    expect(held).toEqual(['clusters']);
  });

  it('knows no stranger, and has no configuration for a filter that asks for one', async () => {
    control = await startControl('127.0.0.1');
    expect((await asked('clusters', '')).status).toBe(404);
    control.tell('a', told('one'));
    expect((await asked('extension_configs', '')).status).toBe(404);
  });
});
