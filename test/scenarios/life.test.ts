import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/adapters/store/embedded.ts';
import type { Store } from '../../src/ports.ts';
import { type Dial, play, startMs } from '../support/life/play.ts';
import { replayedWorld } from '../support/life/recorded.ts';
import { readStory } from '../support/life/story.ts';

const home = 'test/scenarios/life';
const names = readdirSync(home).filter((name) => existsSync(join(home, name, 'story.yaml')));

/** Compares with the recorded file; GOLDEN=1 writes it anew. */
const golden = (name: string, file: string, text: string): void => {
  const path = join(home, name, file);
  if (process.env['GOLDEN'] === '1') writeFileSync(path, text);
  expect(text).toBe(existsSync(path) ? readFileSync(path, 'utf8') : '(not recorded: run with GOLDEN=1)');
};

describe('the lives of incidents, as Slack hears them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-life-'));
  const dial: Dial = { nowMs: () => startMs };
  const opened: { store: Store | null } = { store: null };
  beforeAll(async () => {
    opened.store = await openEmbedded({ dataDir: folder, clock: { nowMs: () => dial.nowMs() }, log: () => undefined });
  });
  afterAll(async () => {
    await opened.store?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are there: a home without them would let everything pass', () => expect(names.length).toBeGreaterThanOrEqual(20));

  it.each(names)(
    '%s',
    async (name) => {
      if (opened.store === null) throw new Error('no store is open');
      const story = readStory(join(home, name));
      const missing: string[] = [];
      const http =
        typeof story.world === 'string' ? replayedWorld(home, story.world, (question) => missing.push(question)) : null;
      const { json, text, troubles } = await play(story, { store: opened.store, dial, http });
      expect(missing, 'what is asked has changed: record it anew (node .ci/record-life.ts)').toEqual([]);
      expect(troubles).toEqual([]);
      golden(name, 'slack.json', json);
      golden(name, 'slack.txt', text);
    },
    60_000,
  );
});
