import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answering, edgeAlert, groupOf, type Handler, startBot, startSource, textOf } from '../support/bot.ts';

let source: Awaited<ReturnType<typeof startSource>>;
let bot: Awaited<ReturnType<typeof startBot>>;
beforeAll(async () => {
  source = await startSource();
  bot = await startBot(source.url);
}, 60_000);
afterAll(async () => {
  await bot.close();
  await source.close();
});

const answer =
  (status: number, type: string, body: string): Handler =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': type }).end(body);

/** `count` edges into payments, as the caller's proxies count them. */
const series = (count: number, caller: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => {
    const labels = {
      reporter: 'source',
      source_workload: caller(index),
      source_workload_namespace: 'shop',
      destination_service_name: 'payments',
      destination_service_namespace: 'shop',
      destination_workload: 'payments-v1',
      response_code: '200',
      response_flags: '-',
    };
    return [labels, '10'] as const;
  });

/** Each bad day, how the source behaves on it, and the words in which the message names it. */
const days: readonly (readonly [day: string, handler: Handler, gap: RegExp])[] = [
  [
    'cuts every connection',
    (_request, response) => response.destroy(),
    /No golden signals[^"]*: Prometheus [^"]*(connection|closed|reset)/i,
  ],
  [
    'answers HTML',
    answer(200, 'text/html', '<html><h1>Sign in</h1></html>'),
    /No golden signals[^"]*: Prometheus [^"]*web page instead of JSON/i,
  ],
  [
    'answers 422',
    answer(
      422,
      'application/json',
      '{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory"}',
    ),
    /No golden signals[^"]*: Prometheus [^"]*too many samples/,
  ],
  ['answers 401', answer(401, 'text/plain', 'no'), /No golden signals[^"]*: Prometheus [^"]*401/],
  ['answers 503', answer(503, 'text/plain', 'starting'), /No golden signals[^"]*: Prometheus [^"]*503/],
  [
    'answers half a JSON',
    answer(200, 'application/json', '{"status":"success","data":{"resul'),
    /No golden signals[^"]*: Prometheus [^"]*JSON/,
  ],
  [
    'answers 50,001 series',
    answering(series(50_001, (index) => `c${index}`)),
    /No golden signals[^"]*: Prometheus [^"]*(50,?001 series|more than 32 MiB)/,
  ],
  [
    'answers nothing with a warning',
    answering([], { warnings: ['fetching from store gateway: no such host'] }),
    /No golden signals[^"]*: Prometheus [^"]*warning/,
  ],
];

describe('an alert while Prometheus', () => {
  it.each(days)('%s is told once, with the gap', async (day, handler, gap) => {
    const caller = `day-${day.replace(/[^a-z0-9]+/gi, '-')}`;
    source.answer(handler);
    expect(await bot.send(groupOf([edgeAlert(caller)], caller))).toBe(200);
    const root = await bot.root(caller, 'No golden signals');
    expect(textOf(root)).toMatch(gap);
    expect(root.text).toContain(`No figures for ${caller} → payments: Prometheus`);
    expect(textOf(root)).not.toMatch(/NaN|undefined|Infinity/);
    expect(bot.roots(caller)).toHaveLength(1);
  });

  it('says NaN and infinities is told once, without any of them', async () => {
    const rows = (['NaN', '+Inf', '-Inf'] as const).flatMap((value) =>
      series(1, () => 'day-nan').map(([labels]) => [labels, value] as const),
    );
    source.answer(answering(rows));
    expect(await bot.send(groupOf([edgeAlert('day-nan')], 'day-nan'))).toBe(200);
    const root = await bot.root('day-nan', 'as of');
    expect(textOf(root)).not.toMatch(/NaN|Infinity|∞/);
    expect(bot.roots('day-nan')).toHaveLength(1);
  });

  it('has no series of the edge says so, and does not call it healthy', async () => {
    source.answer(answering([]));
    expect(await bot.send(groupOf([edgeAlert('day-empty')], 'day-empty'))).toBe(200);
    const root = await bot.root('day-empty', 'as of');
    expect(textOf(root)).toMatch(/No series for day-empty → payments/);
    expect(textOf(root)).not.toMatch(/healthy|Nothing is wrong/);
  });

  it('takes thirty seconds is told at 2.5 s with what is still asked; the late gap edits the same root', async () => {
    source.answer((_request, response) => void setTimeout(() => response.end('late'), 30_000).unref());
    const sentMs = Date.now();
    expect(await bot.send(groupOf([edgeAlert('day-slow')], 'day-slow'))).toBe(200);
    await bot.root('day-slow', 'Still asking Prometheus');
    expect(Date.now() - sentMs).toBeLessThan(8000);
    const root = await bot.root('day-slow', 'did not answer in');
    expect(textOf(root)).toMatch(/No golden signals[^"]*: Prometheus did not answer in \d/);
    await wait(500);
    expect(bot.roots('day-slow')).toHaveLength(1);
    expect(textOf(bot.roots('day-slow')[0] ?? root)).not.toContain('Still asking');
  }, 30_000);

  it('is counted by source and reason', async () => {
    expect(await bot.metrics()).toMatch(/edgewise_gaps?_total\{[^}]*source="Prometheus"[^}]*reason="timeout"[^}]*\} [1-9]/);
  });
});
