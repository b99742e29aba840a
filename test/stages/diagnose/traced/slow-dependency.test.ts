import { describe, expect, it } from 'vitest';
import type { EdgeReading } from '../../../../src/domain/signals.ts';
import { readingWith, type Side, saidOf } from '../../../support/edges.ts';
import { edgeNamed } from '../../../support/report.ts';
import { type Given, traceOf } from '../../../support/traces.ts';
import { drawnSlowly, tracingOf } from '../../../support/worst-trace.ts';

const slowSide: Side = { now: [[3000]], usual: 3000, mean: 0.9, usualMean: 0.02 };
const slow = (caller: string, callee: string): EdgeReading =>
  readingWith(edgeNamed(caller, callee), { caller: slowSide, callee: slowSide });
const readings = [slow('checkout', 'payments'), slow('payments-v1', 'bank')];

type Tracing = ReturnType<typeof tracingOf>;
const alone = saidOf(readings).verdict;
const said = (tracing: Tracing) => {
  const { verdict } = saidOf(readings, { tracing });
  return { ...verdict, line: verdict?.evidence.filter((line) => !alone?.evidence.includes(line)) };
};

const chain = (last: string) => `
  checkout.shop {client, peer=payments.shop, component=proxy}                  [====================]
    payments.shop {server, component=proxy, operation=POST /pay}                [==================]
      payments.shop#c {client, peer=bank.shop, component=proxy}                  [================]
        bank.shop {server, component=proxy, operation=POST /accounts}             [==============]
${last}`;

describe('a slow dependency that metrics name', () => {
  it('is found so without a trace', () => {
    expect(alone).toMatchObject({ rule: 'slow-dependency', side: "callee's dependency" });
  });

  it('is what the slowest traced request waited for too', () => {
    const { line, ...rest } = said(tracingOf(drawnSlowly(chain(''), 210)));
    expect(line).toEqual(['the slowest traced request says so too: 73 % of its time']);
    expect(rest).toMatchObject({ ...alone, evidence: rest.evidence });
  });

  it('waits itself for somebody whom nobody counts: there is where to look first', () => {
    const tracing = tracingOf(
      drawnSlowly(
        chain('          bank.shop#q {client, peer=postgresql, operation=UPDATE accounts}         [============]'),
        210,
      ),
    );
    expect(said(tracing)).toMatchObject({
      sentence: alone?.sentence,
      line: ['the slowest traced request spent 2.94 s of 4.62 s waiting for postgresql, UPDATE accounts'],
      firstCheck: { object: 'postgresql' },
    });
  });

  it('is not where the slowest traced request was: both are said, and nothing else changes', () => {
    const elsewhere = `
      checkout.shop {client, peer=payments.shop, component=proxy}            [====================]
        payments.shop {server, component=proxy, operation=POST /pay}          [==================]
          payments.shop#c {client, peer=bank.shop, component=proxy}            [==]
            bank.shop {server, component=proxy, operation=POST /accounts}      [==]`;
    const { line, ...rest } = said(tracingOf(drawnSlowly(elsewhere, 210)));
    expect(line).toEqual(['the slowest traced request differs: it spent 3.36 s of 4.62 s in payments, POST /pay']);
    expect(rest).toMatchObject({ ...alone, evidence: rest.evidence });
  });

  it('takes long on the way to it', () => {
    const late = `
      checkout.shop {client, peer=payments.shop, component=proxy}            [====================]
        payments.shop {server, component=proxy, operation=POST /pay}          [==================]
          payments.shop#c {client, peer=bank.shop, component=proxy}            [================]
            bank.shop {server, component=proxy, operation=POST /accounts}                     [=]`;
    expect(said(tracingOf(drawnSlowly(late, 210))).line).toEqual([
      'the slowest traced request spent 3.15 s of 4.62 s on the way from payments to bank (network, proxies, queues)',
    ]);
  });

  it('is not where somebody else makes many calls in turn: then that is what differs', () => {
    const call = 80_000;
    const durationMicros = 12 * call;
    const trace = traceOf([
      { id: 'a', service: 'checkout', kind: 'client', peer: 'payments', startMicros: 0, durationMicros },
      { id: 'b', parentId: 'a', service: 'payments', kind: 'server', startMicros: 0, durationMicros },
      { id: 'c', parentId: 'b', service: 'payments', kind: 'client', peer: 'fraud', startMicros: 0, durationMicros },
      { id: 'd', parentId: 'c', service: 'fraud', kind: 'server', startMicros: 0, durationMicros },
      ...Array.from(
        { length: 12 },
        (_, index): Given => ({
          ...{ id: `q${index}`, parentId: 'd', service: 'fraud', kind: 'client', peer: 'mysql', operation: 'SELECT scores' },
          ...{ startMicros: index * call, durationMicros: call },
        }),
      ),
    ]);
    expect(said(tracingOf(trace)).line).toEqual([
      'the slowest traced request differs: it spent 960 ms of 960 ms waiting for mysql, 12 × SELECT scores',
    ]);
  });

  it('is called many times in turn', () => {
    const call = 80_000;
    const calls = Array.from({ length: 12 }, (_, index): readonly Given[] => [
      {
        ...{ id: `c${index}`, parentId: 'b', service: 'payments', kind: 'client', peer: 'bank', operation: 'POST /accounts' },
        ...{ startMicros: index * call, durationMicros: call },
      },
      {
        ...{ id: `s${index}`, parentId: `c${index}`, service: 'bank', kind: 'server', operation: 'POST /accounts' },
        ...{ startMicros: index * call, durationMicros: call },
      },
    ]).flat();
    const trace = traceOf([
      { id: 'a', service: 'checkout', kind: 'client', peer: 'payments', startMicros: 0, durationMicros: 12 * call },
      { id: 'b', parentId: 'a', service: 'payments', kind: 'server', startMicros: 0, durationMicros: 12 * call },
      ...calls,
    ]);
    expect(said(tracingOf(trace))).toMatchObject({
      line: ['12 × POST /accounts at bank, one after the other: 960 ms of the 960 ms of the slowest traced request'],
      firstCheck: alone?.firstCheck,
    });
  });
});
