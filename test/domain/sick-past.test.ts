import { describe, expect, it } from 'vitest';
import { withPast } from '../../src/domain/sick-past.ts';
import type { Counts, EdgeReading } from '../../src/domain/signals.ts';
import { diagnose } from '../../src/stages/diagnose/index.ts';
import { edgeNamed, readingOf, reportOf } from '../support/report.ts';

const none = { requests: 3000, failed: 0, refused: 0, clientLeft: 0, clientError: 0 };

/** As bad in each of its 24 windows as now. */
const asEver = (bad: Partial<Counts>, code: string, flag: string): EdgeReading => {
  const reading = readingOf(edgeNamed());
  const { caller } = reading;
  if (caller === null) return reading;
  const window = { ...none, ...bad };
  const outcome = {
    code,
    grpcStatus: null,
    flags: [flag],
    protocol: 'http' as const,
    workload: null,
    version: null,
    requests: 900,
  };
  return {
    ...reading,
    caller: {
      ...caller,
      counts: { now: window, halves: null, previous: window, local: Array.from({ length: 24 }, () => window), base: [] },
      outcomes: [outcome],
    },
  };
};

const diagnosed = (reading: EdgeReading) => {
  const readings = withPast(reading.edge, [reading]);
  const { evidence } = reportOf(reading.edge, [], { readings, path: [reading.edge] });
  const { verdict, signals } = diagnose(evidence);
  return { rule: verdict?.rule, lines: verdict?.evidence, errors: signals.find(({ signal }) => signal === 'errors') };
};

describe('an edge that is as sick as ever', () => {
  it('that fails is said to have failed before', () => {
    const { rule, lines, errors } = diagnosed(asEver({ failed: 900 }, '503', 'UF'));
    expect(rule).toBe('connection-failure');
    expect(lines?.at(-1)).toBe('not new: 30 % failed before too, as far back as it was measured');
    expect(errors).toMatchObject({ value: 0.3, usual: '30 %', usualValue: 0.3 });
  });

  it('that refuses is said to have refused before, and none of it to have failed', () => {
    const { rule, lines, errors } = diagnosed(asEver({ refused: 900 }, '404', 'NR'));
    expect(rule).toBe('no-route');
    expect(lines?.at(-1)).toBe('not new: 30 % were refused before too, as far back as it was measured');
    expect(errors).toMatchObject({ value: 0, usualValue: 0 });
  });
});
