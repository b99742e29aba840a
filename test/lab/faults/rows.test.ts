import { describe, expect, it } from 'vitest';
import { faults } from './index.ts';
import { notMet, printedAlike } from './rows-elsewhere.ts';

const names = faults.map(({ name }) => name);

describe('what real Envoys print', () => {
  it.each(printedAlike)('$does: is told by a fault that is there', ({ fault }) => expect(names).toContain(fault));

  it.each(notMet)('$does: has a reason', ({ why }) => expect(why.split(' ').length).toBeGreaterThan(5));
});
