import { describe, expect, it } from 'vitest';
import { got } from '../../../../src/domain/gathered.ts';
import { readingWith, saidOf } from '../../../support/edges.ts';
import { edgeNamed } from '../../../support/report.ts';
import { drawnSlowly, tracingOf } from '../../../support/worst-trace.ts';

const edge = edgeNamed();
const timedOut = readingWith(edge, {
  caller: { now: [[1500], [1500, '504', 'UT']], usual: 3000, mean: 1.5, usualMean: 0.02 },
  callee: { now: [[1500], [4500, '0', 'DC']], usual: 3000, mean: 0.9, usualMean: 0.02 },
});
const tried = readingWith(edge, {
  caller: { now: [[2280], [720, '500', 'URX']], usual: 3000 },
  callee: { now: [[2280], [5520, '500']], usual: 3000 },
});

const drawing = (...tries: readonly string[]): string =>
  `
  checkout.shop {client, error, peer=payments.shop, component=proxy}         [====================]
${tries.map((one, index) => `    payments.shop#${index} {server, component=proxy, operation=POST /pay, ${one}`).join('\n')}`;
const cut3 = drawing('error, flag=DC}   [====]', 'error, flag=DC}          [====]', 'error, flag=DC}                 [====]');
const answered = drawing('error, flag=DC}   [====]', 'error, flag=DC}          [====]', 'x=aaaaaaaa}                    [==]');
const plain3 = cut3.replaceAll('flag=DC', 'x=aaaaa');
const plain2 = drawing('error, x=aaaaa}   [====]', 'error, x=aaaaa}          [====]');
const unequal = drawing('error, flag=DC}   [====]', 'error, flag=DC}          [=]', 'error, flag=DC}             [====]');
const abreast = drawing('error, flag=DC}   [====]', 'error, flag=DC}     [====]', 'error, flag=DC}       [====]');

const line = (reading: typeof tried, text: string, more = {}, millis = 167): string | undefined =>
  saidOf([reading], { tracing: tracingOf(drawnSlowly(text, millis)), ...more })
    .findings.flatMap(({ evidence }) => evidence)
    .find((one) => one.includes('attempts of'));

describe('attempts that took equally long', () => {
  it('are those of a per-try timeout, where they were cut', () => {
    expect(line(timedOut, cut3)).toBe('3 attempts of 1 s each in the worst traced request: a per-try timeout');
  });

  it.each([
    ['exhausted retries', 'retry-exhausted'],
    ['a storm of retries', 'retry-storm'],
  ])('stand beside %s', (_, rule) => {
    const { findings } = saidOf([tried], { tracing: tracingOf(drawnSlowly(cut3, 167)) });
    expect(findings.find((found) => found.rule === rule)?.evidence[1]).toBe(
      '3 attempts of 1 s each in the worst traced request: a per-try timeout',
    );
  });

  it('may end with one that was answered', () => {
    expect(line(timedOut, answered)).toBe('2 of 3 attempts of 1 s each in the worst traced request: a per-try timeout');
  });

  it('only look like it, where none says that it was cut; two of them are chance', () => {
    expect(line(timedOut, plain3)).toBe('3 attempts of 1 s each in the worst traced request: as a per-try timeout makes them');
    expect(line(timedOut, plain2)).toBeUndefined();
  });

  it.each([
    ['they differ', unequal, 167],
    ['they ran side by side', abreast, 167],
    ['they failed at once', cut3, 5],
    ['there was one', drawing('error, flag=DC}   [====]'), 167],
  ])('are not told of where %s', (_, text, millis) => {
    expect(line(timedOut, text, {}, millis)).toBeUndefined();
  });

  it('are not told of where the proxy counts per-try timeouts, and counted none', () => {
    const counter = (now: number) => got([{ name: 'upstream_rq_per_try_timeout', side: 'caller' as const, now, before: 0 }]);
    expect(line(timedOut, cut3, { proxyCounters: counter(0) })).toBeUndefined();
    expect(line(timedOut, cut3, { proxyCounters: counter(4500) })).toBeDefined();
  });
});

it('attempts of the alert are not those of a call below it', () => {
  const below = edgeNamed('payments-v1', 'bank');
  const deep = readingWith(below, {
    caller: { now: [[1500], [1500, '504', 'UT']], usual: 3000, mean: 1.5, usualMean: 0.02 },
    callee: { now: [[1500], [4500, '0', 'DC']], usual: 3000, mean: 0.9, usualMean: 0.02 },
  });
  const { verdict } = saidOf([timedOut, deep], { tracing: tracingOf(drawnSlowly(cut3, 167)) });
  expect(verdict).toMatchObject({ rule: 'upstream-timeout', at: below });
  expect(verdict?.evidence.join()).not.toMatch(/attempts of/);
});

describe('a timeout over a slow callee', () => {
  it('says what the slowest traced request waited for, behind its attempts', () => {
    const waiting = `
      checkout.shop {client, error, flag=UT, peer=payments.shop, component=proxy}  [====================]
        payments.shop {server, component=proxy, operation=POST /pay}                [==================]
          payments.shop#q {client, peer=postgresql, operation=SELECT orders}         [===============]`;
    const { verdict } = saidOf([timedOut], { tracing: tracingOf(drawnSlowly(waiting, 100)) });
    expect(verdict).toMatchObject({ rule: 'upstream-timeout', side: 'callee application' });
    expect(verdict?.evidence[1]).toBe('the slowest traced request spent 1.7 s of 2.2 s waiting for postgresql, SELECT orders');
  });
});
