import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockDirectory, prepareDirectory } from '../../../src/adapters/store/directory.ts';
import { type EngineThread, openThread } from '../../../src/adapters/store/engine-thread.ts';
import { errorOf, faultOf } from '../../../src/adapters/store/engine-wire.ts';
import { storeError } from '../../../src/adapters/store/errors.ts';
import { SourceError } from '../../../src/domain/gathered.ts';

let folder: string;
let engine: EngineThread;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-thread-'));
  const lock = lockDirectory(folder);
  engine = await openThread(await prepareDirectory(folder));
  lock.release();
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the embedded engine's thread", () => {
  it('gives rows as PostgreSQL types, and what many statements returned together', async () => {
    const text = 'select $1::int as n, $2::timestamptz as at, $3::json as j';
    const row = { n: 7, at: new Date('2026-01-02T03:04:05Z'), j: { a: [1] } };
    expect(await engine.query(text, [7, '2026-01-02T03:04:05Z', '{"a":[1]}'])).toEqual([row]);
    expect(await engine.script('select 1 as a; select 2 as a')).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('answers in the order of the questions, though nobody waits in between', async () => {
    await engine.script('create temp table t (n int)');
    const answers = Array.from({ length: 20 }, (_, n) =>
      n % 2 === 0 ? engine.script(`insert into t values (${n})`) : engine.query('select count(*)::int as n from t'),
    );
    const counts = (await Promise.all(answers)).flatMap((rows) => rows.map(({ n }) => n));
    expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('fails with the SQLSTATE, and goes on', async () => {
    await expect(engine.query('select 1/0')).rejects.toMatchObject({ code: '22012' });
    expect(await engine.query('select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('refuses a value that no thread can be given, and goes on', async () => {
    await expect(engine.query('select $1::text', [() => 'no value'])).rejects.toThrow(/could not be cloned/);
    expect(await engine.query('select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('hears every NOTIFY of its channels', async () => {
    const heard: string[] = [];
    await engine.listen('jobs', (payload) => void heard.push(`a ${payload}`));
    await engine.listen('jobs', (payload) => void heard.push(`b ${payload}`));
    await engine.script("notify jobs, 'one'; notify other, 'two'");
    await engine.query('select 1');
    expect(heard).toEqual(['a one', 'b one']);
  });

  it('leaves the loop free while a statement computes: on the loop itself no timer would come', async () => {
    const seen: string[] = [];
    const timer = setInterval(() => void seen.push('a timer'), 1);
    await engine.query('select count(*) from generate_series(1, 1000000)');
    clearInterval(timer);
    expect(seen).toContain('a timer');
  }, 60_000);

  it('finishes what was asked before it closes; then everything fails as unreachable, at once', async () => {
    const slow = engine.query('select count(*)::int as n from generate_series(1, 300000)');
    const [rows] = await Promise.all([slow, engine.close()]);
    expect(rows).toEqual([{ n: 300000 }]);
    for (const late of [engine.query('select 1'), engine.script('select 1'), engine.close()])
      expect(storeError(await late.catch((error: unknown) => error))).toMatchObject({ reason: 'unreachable' });
  }, 60_000);
});

describe('an engine that answers no more', () => {
  it('is given up: what waits and what comes later fails as unreachable, and its owner hears it once', async () => {
    const lost: string[] = [];
    const stuck = await openThread(join(folder, 'pg'), ({ message }) => void lost.push(message), 2000);
    const waiting = ['select count(*) from generate_series(1, 1000000000)', 'select 1'].map((text) => stuck.query(text));
    for (const answer of [...waiting, stuck.query('select 2')])
      expect(storeError(await answer.catch((error: unknown) => error))).toMatchObject({ reason: 'unreachable' });
    await expect(stuck.close()).rejects.toThrow('did not answer within 2 s');
    expect(lost).toEqual(['the embedded store is unreachable: it did not answer within 2 s']);
    const again = await openThread(join(folder, 'pg'));
    expect(await again.query('select 1 as n')).toEqual([{ n: 1 }]);
    await again.close();
  }, 60_000);
});

describe('an error between threads', () => {
  it.each([
    ['of ours', new SourceError('store', 'unsupported', 'does not reach the disk')],
    ['of PostgreSQL', Object.assign(new Error('duplicate key'), { code: '23505' })],
    ['of the disk', Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })],
    ['of the engine, whose code is a number', Object.assign(new Error('unreachable'), { code: 7 })],
    ['that is no Error', 'a word'],
  ])('%s means the same on the other side', (_whose, error) => {
    const there = storeError(errorOf(structuredClone(faultOf(error))));
    expect({ reason: there.reason, message: there.message }).toEqual({
      reason: storeError(error).reason,
      message: storeError(error).message,
    });
  });
});
