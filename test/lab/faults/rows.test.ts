import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { flagsOf } from '../../../src/domain/outcome.ts';
import { responseFlags } from '../../../src/domain/response-flag.ts';
import { readRecording } from '../../../src/recording/folder.ts';
import { faults } from './index.ts';
import { notMet, printedAlike } from './rows-elsewhere.ts';

const names = faults.map(({ name }) => name);
const home = new URL('../../scenarios/lab/', import.meta.url).pathname;

/** Flags that the bot was told by real Envoys. */
const printed: ReadonlySet<string> = new Set(
  readdirSync(home).flatMap((name) =>
    readRecording(`${home}${name}`).exchanges.flatMap((exchange) =>
      'body' in exchange
        ? [...exchange.body.matchAll(/"response_flags":"([^"]+)"/g)].flatMap(([, flags = '']) => flagsOf(flags))
        : [],
    ),
  ),
);
const unmet: readonly (string | null)[] = notMet.map(({ flag }) => flag);

describe('what real Envoys print', () => {
  it.each(printedAlike)('$does: is told by a fault that is there', ({ fault }) => expect(names).toContain(fault));

  it.each(notMet)('$does: has a reason', ({ why }) => expect(why.split(' ').length).toBeGreaterThan(5));

  it.each([...responseFlags.keys()].filter((flag) => !unmet.includes(flag)))('%s stands in a recording', (flag) => {
    expect([...printed]).toContain(flag);
  });

  it('knows every flag that stands in a recording', () => {
    expect([...printed].filter((flag) => !responseFlags.has(flag))).toEqual([]);
  });
});
