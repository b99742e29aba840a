import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readText, refusalsOf } from './read.ts';

const file = (slos: string, defaults = '{window: 30d}'): string => `edgewise: slos/v1\ndefaults: ${defaults}\nslos:\n${slos}`;

describe('objectives in our own format', () => {
  it('take from the defaults what they do not say themselves', () => {
    const { slos, refused } = readText(
      file(
        `  - {name: payments-availability, service: shop/payments, availability: 99.95, bad: non-2xx}
  - name: checkout-payments-latency
    edge: "shop/checkout -> shop/payments"
    latency: {objective: 99, below: 250ms, offEdge: pessimistic}
    window: {calendar: month, zone: Europe/Berlin}
    cluster: prod-eu-1
    reporter: source`,
        '{window: 4w, owner: payments, channel: "#payments"}',
      ),
    );
    expect(refused).toEqual([]);
    expect(slos).toEqual([
      {
        name: 'payments-availability',
        about: { kind: 'service', callee: { namespace: 'shop', workload: null, service: 'payments' } },
        sli: { kind: 'availability', bad: 'non-2xx', reporter: 'destination' },
        objectivePpm: 999_500,
        window: { kind: 'rolling', days: 28 },
        cluster: null,
        owner: 'payments',
        channel: '#payments',
        origin: { format: 'Edgewise', file: 'slos.yaml' },
      },
      {
        name: 'checkout-payments-latency',
        about: {
          kind: 'edge',
          edge: {
            cluster: 'prod-eu-1',
            source: { namespace: 'shop', workload: 'checkout', service: null },
            destination: { namespace: 'shop', workload: null, service: 'payments' },
          },
        },
        sli: { kind: 'latency', thresholdSeconds: 0.25, offEdge: 'pessimistic', reporter: 'source' },
        objectivePpm: 990_000,
        window: { kind: 'calendar', unit: 'month', zone: 'Europe/Berlin' },
        cluster: 'prod-eu-1',
        owner: 'payments',
        channel: '#payments',
        origin: { format: 'Edgewise', file: 'slos.yaml' },
      },
    ]);
  });

  it.each([
    ['{name: a, service: b, availability: 100}', 'a availability: "100", expected a percentage from 1 to below 100'],
    ['{name: a, service: b, availability: 0}', 'a availability: "0", expected a percentage from 1'],
    ['{name: a, service: b, availability: 0.999}', 'a availability: "0.999", expected a percentage from 1'],
    ['{name: a, service: b, availability: "99,9"}', 'such as 99.9 (not 0.999, nor 99,9)'],
    ['{name: a, service: b, availability: 99,9}', 'a 9: no field of this format, expected a point before decimals'],
    ['{name: a, service: b, availability: 99.99999}', 'at most four decimals'],
    ['{name: a, service: b, availability: 99, window: 1M}', 'a window: "1M", expected whole days or weeks'],
    ['{name: a, service: b, availability: 99, window: -30d}', 'a window: "-30d", expected whole days or weeks'],
    ['{name: a, service: b, target: 99.9}', 'a target: no field of this format, expected availability, or objective in latency;'],
    [
      '{name: a, service: b, latency: {objective: 99, threshold: 1s}}',
      'a latency.threshold: no field of this format, expected below',
    ],
    ['{name: a, service: b, latency: 250ms}', 'a latency: "250ms", expected a mapping, such as {objective: 99, below: 250ms}'],
    [
      '{name: a, service: b, latency: {objective: 99, below: 250us}}',
      'a latency.below: "250us", expected a duration in ms, s or m',
    ],
    ['payments', 'file slos[0]: "payments", expected a mapping, such as {name: payments-availability'],
    ['{name: a, service: b, availability: 9.99e1}', 'a availability: "9.99e1", expected a percentage'],
    [
      '{name: a, service: b, availabilty: 99}',
      'a availabilty: no field of this format, expected availability; did you mean that?',
    ],
    ['{name: a, service: b}', 'a availability: missing, expected availability: 99.9, or latency'],
    ['{name: a, availability: 99}', 'a service: missing, expected a service, or an edge'],
    ['{name: a, service: b, edge: "b -> c", availability: 99}', 'a service and edge: set both, expected one of the two'],
    ['{name: a, edge: "b > c", availability: 99}', 'a edge: "b > c", expected an edge, such as'],
    ['{name: a b, service: b, availability: 99}', 'a b name: "a b", expected a name of letters'],
    ['{service: b, availability: 99}', 'slos[0] name: missing, expected a name'],
    ['{name: a, service: b, availability: 99, window: 36h}', 'a window: "36h", expected whole days or weeks'],
    [
      '{name: a, service: b, availability: 99, window: {calendar: month, zone: Mars/Base}}',
      'a window.zone: "Mars/Base", expected an IANA zone',
    ],
    ['{name: a, service: b, availability: 99, window: {calendar: month, zones: UTC}}', 'no zones, but'],
    ['{name: a, service: b, availability: 99, channel: "a b"}', 'a channel: "a b", expected a channel'],
    ['{name: a, service: b, bad: all, availability: 99}', 'a bad: "all", expected failed, failed-and-refused or non-2xx'],
    ['{name: a, service: b, latency: {objective: 99, below: 250}}', 'a latency.below: "250", expected a duration'],
  ])('%s is refused in words', (slo, words) => {
    const read = readText(file(`  - ${slo}`));
    expect(read.slos).toEqual([]);
    expect(refusalsOf(read).join('\n')).toContain(words);
  });

  it('need a window, here or in the defaults', () => {
    const read = readText(file('  - {name: a, service: b, availability: 99}', '{}'));
    expect(refusalsOf(read).join()).toContain('a window: missing, expected whole days');
  });

  it('stand by themselves: one that is wrong leaves the others', () => {
    const read = readText(file('  - {name: a, service: b, availability: 99}\n  - {name: c, service: d, availability: 101}'));
    expect(read.slos.map(({ name }) => name)).toEqual(['a']);
    expect(read.refused).toHaveLength(1);
  });

  it.each(['README.md', 'docs/slos.md'])('of the examples in %s are taken as they stand', (page) => {
    const examples = [...readFileSync(page, 'utf8').matchAll(/^```yaml\n(edgewise: slos[\s\S]*?)^```/gm)].map(
      ([, text]) => text ?? '',
    );
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const { slos, refused } = readText(example);
      expect(refused).toEqual([]);
      expect(slos).toHaveLength(2);
    }
  });

  it('have each a name of their own', () => {
    const read = readText(file('  - {name: a, service: b, availability: 99}\n  - {name: a, service: c, availability: 99}'));
    expect(read.slos).toHaveLength(1);
    expect(refusalsOf(read)).toEqual(['a name: "a", expected a name of its own: slos.yaml has one of that name']);
  });

  it('say which edges are next where the mesh usually has none at the threshold', () => {
    const text = file('  - {name: a, service: b, latency: {objective: 99, below: 300ms}}');
    expect(readText(text).notices.map((notice) => notice.text)).toEqual([
      "300 ms is no edge of Istio's usual buckets (next to it are 250 ms and 500 ms): it can be counted only if one was added",
    ]);
    expect(readText(text, { meshOf: () => 'linkerd' }).notices).toEqual([]);
    const between = file('  - {name: a, service: b, latency: {objective: 99, below: 250ms}}');
    expect(readText(between).notices).toEqual([]);
    expect(readText(between, { meshOf: () => 'linkerd' }).notices).toMatchObject([
      { text: expect.stringContaining("Linkerd's usual buckets (next to it are 200 ms and 300 ms)") },
    ]);
    const below = file('  - {name: a, service: b, latency: {objective: 99, below: 0.1ms}}');
    expect(readText(below).notices).toMatchObject([{ text: expect.stringContaining('(the nearest is 0.5 ms)') }]);
  });
});
