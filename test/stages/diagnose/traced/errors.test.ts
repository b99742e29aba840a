import { describe, expect, it } from 'vitest';
import type { EdgeReading } from '../../../../src/domain/signals.ts';
import { readingWith, type Said, saidOf } from '../../../support/edges.ts';
import { edgeNamed } from '../../../support/report.ts';
import { drawn } from '../../../support/traces.ts';
import { tracingOf } from '../../../support/worst-trace.ts';

const both = (caller: string, callee: string, ...now: readonly Said[]): EdgeReading =>
  readingWith(edgeNamed(caller, callee), { caller: { now, usual: 3000 }, callee: { now, usual: 3000 } });
const failing = both('checkout', 'payments', [2100], [900, '500']);
const grpc = both('checkout', 'payments', [2100, '200', '-', '0'], [900, '200', '-', '14']);
const exhausted = readingWith(edgeNamed(), {
  caller: { now: [[2280], [720, '500', 'URX']], usual: 3000 },
  callee: { now: [[2280], [2160, '500']], usual: 3000 },
});
const wellBelow = both('payments-v1', 'bank', [3000]);

type Tracing = ReturnType<typeof tracingOf>;
const said = (tracing: Tracing | undefined, readings: readonly EdgeReading[] = [failing]) => {
  const alone = saidOf(readings).verdict;
  const { verdict } = saidOf(readings, tracing === undefined ? {} : { tracing });
  return { ...verdict, line: verdict?.evidence.filter((line) => !alone?.evidence.includes(line)) };
};

const status = 'http.status_code=503';
const toBank = drawn(`
  checkout.shop {client, error, peer=payments.shop, component=proxy}                       [==================]
    payments.shop {server, error, component=proxy, operation=POST /pay}                     [================]
      payments.shop#c {client, error, peer=bank.shop, component=proxy}                       [==============]
        bank.shop {server, error, component=proxy, operation=POST /accounts, ${status}}       [============]`);
const own = drawn(`
  checkout.shop {client, error, peer=payments.shop, component=proxy}                       [==================]
    payments.shop {server, error, component=proxy, operation=POST /pay, ${status}}          [================]`);
const toDatabase = drawn(`
  checkout.shop {client, error, peer=payments.shop, component=proxy}                       [==================]
    payments.shop {server, error, component=proxy, operation=POST /pay}                     [================]
      payments.shop#c {client, error, peer=postgresql, operation=INSERT}                     [==============]`);
const borne = drawn(`
  checkout.shop {client, peer=payments.shop, component=proxy}                              [==================]
    payments.shop {server, component=proxy, operation=POST /pay}                            [================]
      payments.shop#c {client, error, peer=cache, operation=GET}                             [==============]`);

describe('a callee that answers with errors', () => {
  it('says where that of the worst request began', () => {
    const alone = said(undefined);
    expect(said(tracingOf(own))).toMatchObject({
      ...alone,
      evidence: expect.anything(),
      line: ['in the worst traced request it began in payments, POST /pay: answered 503'],
    });
  });

  it('is looked at after whom it began with, whose calls nobody counts', () => {
    expect(said(tracingOf(toBank))).toMatchObject({
      rule: 'callee-errors',
      side: 'callee application',
      confidence: said(undefined).confidence,
      sentence: 'payments, or bank below it, answers with errors (HTTP 500): 30 % of what payments got',
      line: ['in the worst traced request it began in bank, POST /accounts: answered 503'],
      firstCheck: {
        sentence: 'Read the errors in the log of bank, where it began in the worst traced request; then in that of payments',
        object: 'bank',
        command: null,
      },
    });
  });

  it('is looked at after a store that failed it', () => {
    expect(said(tracingOf(toDatabase))).toMatchObject({
      line: ["in the worst traced request it began at payments' call to postgresql"],
      firstCheck: { object: 'postgresql' },
    });
  });

  it('is believed where metrics count the calls below and find them well: both are said', () => {
    const readings = [failing, wellBelow];
    expect(said(tracingOf(toBank), readings)).toMatchObject({
      sentence: said(undefined, readings).sentence,
      firstCheck: said(undefined, readings).firstCheck,
      line: [
        'in the worst traced request it began in bank, POST /accounts: answered 503, which metrics of payments-v1 → bank do not show',
      ],
    });
  });

  it('is suspected with whom metrics suspect below it, whomever one request names', () => {
    const readings = [failing, both('payments-v1', 'ledger', [2600], [400, '404'])];
    const alone = said(undefined, readings);
    expect(alone.sentence).toMatch(/^payments, or ledger below it, answers/);
    expect(said(tracingOf(toBank), readings)).toMatchObject({
      sentence: alone.sentence,
      firstCheck: alone.firstCheck,
      line: ['in the worst traced request it began in bank, POST /accounts: answered 503'],
    });
  });

  it('is looked at first where spans may be missing: it may have begun deeper', () => {
    expect(said(tracingOf(toBank, { mayBeIncomplete: true }))).toMatchObject({
      sentence: said(undefined).sentence,
      firstCheck: said(undefined).firstCheck,
      line: ['in the worst traced request it began in bank, POST /accounts: answered 503 (some spans may be missing)'],
    });
  });

  it('does not fail of what was borne, and a request that did not fail says nothing', () => {
    expect(said(tracingOf(borne))).toEqual({ ...said(undefined), line: [] });
  });

  it('says so of statuses of gRPC too', () => {
    expect(said(tracingOf(toBank), [grpc])).toMatchObject({
      rule: 'grpc-errors',
      sentence: 'payments, or bank below it, answers with UNAVAILABLE (gRPC 14): 30 % of what payments got',
      firstCheck: { object: 'bank' },
    });
  });

  it('says so where its proxy gave up trying', () => {
    expect(said(tracingOf(toBank), [exhausted])).toMatchObject({
      rule: 'retry-exhausted',
      line: ['in the worst traced request it began in bank, POST /accounts: answered 503'],
      firstCheck: { object: 'bank' },
    });
  });
});

describe('what a proxy itself did', () => {
  const full = readingWith(edgeNamed(), {
    caller: { now: [[2100], [900, '503', 'UO']], usual: 3000 },
    callee: { now: [[2100]], usual: 3000 },
  });

  it('is not laid on where the worst request failed', () => {
    expect(said(tracingOf(toBank), [full])).toEqual(said(undefined, [full]));
  });

  it('may be a queue, which the slowest traced request stood in', () => {
    const waiting = readingWith(edgeNamed(), {
      caller: { now: [[2100], [900, '503', 'UO']], usual: 3000, mean: 0.9, usualMean: 0.0002 },
      callee: { now: [[2100]], usual: 3000 },
    });
    const queued = drawn(`
      checkout.shop {client, peer=payments.shop, component=proxy}             [==================]
        payments.shop {server, component=proxy, operation=POST /pay}                       [====]`);
    expect(said(tracingOf(queued), [waiting])).toMatchObject({
      rule: 'circuit-breaker',
      side: "caller's proxy",
      line: ['the slowest traced request spent 14 ms of 20 ms on the way from checkout to payments (network, proxies, queues)'],
    });
  });
});

it('a store that did not answer leaves everything as metrics alone tell it', () => {
  const gap = { ok: false, gap: { what: 'worst trace', source: 'Tempo', reason: 'timeout', detail: 'did not answer' } } as const;
  expect(said(gap)).toEqual(said(undefined));
  expect(said(tracingOf(null))).toEqual(said(undefined));
});
