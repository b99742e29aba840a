import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/adapters/store/embedded.ts';
import { startWorkspace } from '../../src/workspace/workspace.ts';
import { incidentOf, message, until } from '../contracts/store-values.ts';
import { fastClock } from '../support/fast-clock.ts';
import { put, senderTo } from '../support/slack.ts';

const hourMs = 3_600_000;

describe('Slack away for an hour', () => {
  it('costs few calls and no message: each arrives once, in order, soon after Slack is back', async () => {
    const clock = fastClock(400);
    const folder = mkdtempSync(join(tmpdir(), 'edgewise-outage-'));
    const store = await openEmbedded({ dataDir: folder, clock, log: () => undefined });
    const before = await startWorkspace({ nowMs: clock.nowMs });
    await before.close();
    const sender = senderTo(before, store, clock);
    sender.start();
    const beganMs = clock.nowMs();
    const incidents = Array.from({ length: 8 }, (_, index) => ({ ...incidentOf(`away-${index}`), channel: '#mesh-alerts' }));
    for (const incident of incidents) await put(store, incident, message(incident, 'root'), message(incident, 'thread'));
    await until(() => clock.nowMs() - beganMs > hourMs);
    expect(sender.state().kind).toBe('unreachable');
    expect(sender.answers.length).toBeLessThan(300);

    const after = await startWorkspace({ port: Number(new URL(before.url).port), nowMs: clock.nowMs, isStrict: false });
    const backMs = clock.nowMs();
    await until(() => sender.sent.length === incidents.length * 2);
    expect(clock.nowMs() - backMs).toBeLessThan(10 * 60_000);
    const shown = after.messages('#mesh-alerts');
    expect(shown.filter(({ threadTs }) => threadTs === null).length).toBe(incidents.length);
    expect(new Set(shown.map(({ threadTs }) => threadTs)).size).toBe(incidents.length + 1);
    await sender.stop();
    await after.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);
});
