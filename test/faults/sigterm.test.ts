import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../src/demo/engine-process.ts';
import { startWorkspace, type Workspace } from '../../src/workspace/workspace.ts';
import { start } from '../cli/run.ts';
import { answering, deliver, edgeAlert, environmentOf, groupOf, startSource, textOf } from '../support/bot.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgewise-sigterm-'));
let source: Awaited<ReturnType<typeof startSource>>;
let workspace: Workspace;
beforeAll(async () => {
  source = await startSource();
  source.answer(answering([]));
  workspace = await startWorkspace({ isStrict: false });
});
afterAll(async () => {
  await workspace.close();
  await source.close();
  rmSync(folder, { recursive: true, force: true });
});

const serve = async () => {
  const port = await freePort();
  const started = start(['serve'], environmentOf(workspace, source.url, join(folder, 'data'), port, { LOG_LEVEL: 'info' }));
  await started.says('Edgewise is ready');
  return { ...started, port };
};

it('SIGTERM under load loses no acknowledged alert: the next start tells what was not told, each once', async () => {
  const first = await serve();
  const acknowledged = new Set<string>();
  const load = Array.from({ length: 24 }, async (_, index) => {
    const caller = `load-${String(index).padStart(2, '0')}`;
    const status = await deliver(first.port, groupOf([edgeAlert(caller)], caller)).catch(() => 0);
    if (status === 200) acknowledged.add(caller);
    else expect([0, 503]).toContain(status);
    if (index === 12) first.child.kill('SIGTERM');
  });
  await Promise.all(load);
  expect((await first.ended).status).toBe(0);
  expect(acknowledged.size).toBeGreaterThan(0);

  const second = await serve();
  const rootsOf = (caller: string) =>
    workspace.messages('#mesh-alerts').filter((message) => message.threadTs === null && textOf(message).includes(caller));
  const isTold = () => [...acknowledged].every((caller) => rootsOf(caller).length > 0);
  expect(await workspace.until(isTold, 60_000)).toBe(true);
  second.child.kill('SIGTERM');
  expect((await second.ended).status).toBe(0);
  for (const caller of acknowledged) expect(rootsOf(caller), caller).toHaveLength(1);
  process.stdout.write(`SIGTERM under load: ${acknowledged.size} of 24 acknowledged, all told once\n`);
}, 150_000);
