import { expect, it } from 'vitest';
import { wrapped } from '../../../../src/stages/draw/waterfall/widths.ts';

it('a number stays with what it counts where a line breaks', () => {
  const lines = wrapped('620 ms of it is its own time in 3 × checkout', 130, 16, 700, 9);
  expect(lines.join(' ')).toBe('620 ms of it is its own time in 3 × checkout');
  for (const pair of ['620 ms', '3 × checkout']) expect(lines.some((line) => line.includes(pair))).toBe(true);
});
