import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { faults } from './index.ts';

const home = new URL('../../scenarios/lab/', import.meta.url).pathname;
const recorded = existsSync(home) ? readdirSync(home) : [];

/** GOLDEN=1 writes the truths of the faults beside their recordings; a miss that is known stays. */
describe('the truth beside a recording', () => {
  it.each(recorded)('%s: is that of its fault', (name) => {
    const fault = faults.find((one) => one.name === name);
    if (fault === undefined) return expect.unreachable('there is no such fault');
    const file = `${home}${name}/truth.json`;
    const { miss, ...told } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const truth = JSON.parse(JSON.stringify({ ...fault.truth, kind: fault.kind })) as Record<string, unknown>;
    if (process.env['GOLDEN'] === '1')
      writeFileSync(file, `${JSON.stringify({ ...truth, ...(miss === undefined ? {} : { miss }) }, null, 2)}\n`);
    else expect(told).toEqual(truth);
  });
});

it.each(faults)('the fault $name is recorded', ({ name }) => {
  expect(recorded).toContain(name);
});
