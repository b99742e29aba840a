import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelsOf } from '../../src/domain/alert.ts';
import type { Edge } from '../../src/domain/edge.ts';
import {
  durationText,
  hiddenBy,
  type NewSilence,
  proposedMatchers,
  secondsOfDuration,
  silenceProblems,
} from '../../src/domain/silence.ts';
import { edgeNamed, nowMs } from '../support/report.ts';

const alertOf = (labels: Readonly<Record<string, string>>) => ({ labels: labelsOf(Object.entries(labels)) });
const chosenOf = (labels: Readonly<Record<string, string>>, edge: Edge | null): readonly string[] =>
  proposedMatchers([alertOf(labels)], edge)
    .filter(({ isChosen }) => isChosen)
    .map(({ name }) => name);

describe('the labels that a silence is offered', () => {
  const istio = {
    alertname: 'EdgeErrorRatioHigh',
    severity: 'page',
    team: 'payments',
    pod: 'checkout-7d9-x',
    source_workload: 'checkout',
    source_workload_namespace: 'shop',
    destination_service: 'payments.shop.svc.cluster.local',
    destination_service_name: 'payments',
    destination_service_namespace: 'shop',
    destination_workload: 'payments-v1',
  };

  it('are chosen where they name the rule or the edge, and what changes with every firing comes last', () => {
    expect(proposedMatchers([alertOf(istio)], edgeNamed())).toEqual([
      { name: 'alertname', value: 'EdgeErrorRatioHigh', isChosen: true },
      { name: 'source_workload', value: 'checkout', isChosen: true },
      { name: 'source_workload_namespace', value: 'shop', isChosen: true },
      { name: 'destination_service_name', value: 'payments', isChosen: true },
      { name: 'destination_service_namespace', value: 'shop', isChosen: true },
      { name: 'destination_service', value: 'payments.shop.svc.cluster.local', isChosen: false },
      { name: 'destination_workload', value: 'payments-v1', isChosen: false },
      { name: 'team', value: 'payments', isChosen: false },
      { name: 'pod', value: 'checkout-7d9-x', isChosen: false },
      { name: 'severity', value: 'page', isChosen: false },
    ]);
  });

  it('are those alone that all its alerts share', () => {
    const other = { ...istio, alertname: 'EdgeLatencyHigh', pod: 'checkout-7d9-y', team: '' };
    const names = proposedMatchers([alertOf(istio), alertOf(other)], edgeNamed()).map(({ name }) => name);
    expect(names).not.toContain('alertname');
    expect(names).not.toContain('pod');
    expect(names).not.toContain('team');
    expect(names[0]).toBe('source_workload');
  });

  it.each<[string, Readonly<Record<string, string>>, Edge | null, readonly string[]]>([
    [
      'Linkerd',
      { deployment: 'checkout', namespace: 'shop', dst_service: 'payments', dst_namespace: 'shop' },
      edgeNamed(),
      [...['dst_service', 'dst_namespace', 'deployment', 'namespace']],
    ],
    [
      'a host of the callee alone',
      { destination_service: 'payments.shop.svc.cluster.local' },
      edgeNamed(),
      ['destination_service'],
    ],
    [
      "Envoy's cluster",
      { envoy_cluster_name: 'outbound|80||payments.shop.svc.cluster.local' },
      edgeNamed(),
      ['envoy_cluster_name'],
    ],
    ['the workload where no service is named', { destination_workload: 'payments-v1' }, edgeNamed(), ['destination_workload']],
    ['who scrapes, which is no end of the edge', { service: 'envoy-stats', namespace: 'monitoring' }, edgeNamed(), []],
    ['another callee', { destination_service_name: 'payments-vault' }, edgeNamed(), []],
    ['no edge at all', { deployment: 'checkout', namespace: 'shop' }, null, ['deployment', 'namespace']],
    ['a caller that nobody knows', { source_workload: 'unknown', source_app: 'web' }, null, ['source_app']],
    ['nothing of an edge', { team: 'checkout', job: 'payments' }, edgeNamed(), []],
    ['labels that are called like an object', { __proto__x: 'a', constructor: 'b', toString: 'c' }, null, []],
  ])('choose %s', (_what, labels, edge, chosen) => expect(chosenOf(labels, edge)).toEqual(chosen));

  it('are none of no alert', () => expect(proposedMatchers([], edgeNamed())).toEqual([]));

  it('hide every alert they were offered for, whichever of them is chosen, in one order', () => {
    const names = ['alertname', 'source_workload', 'destination_service_name', 'pod', 'severity', 'team', '__proto__'];
    const labels = fc
      .uniqueArray(fc.constantFrom(...names), { minLength: 1 })
      .chain((some) => fc.tuple(...some.map((name) => fc.tuple(fc.constant(name), fc.string({ maxLength: 3 })))));
    fc.assert(
      fc.property(fc.array(labels, { minLength: 1, maxLength: 5 }), fc.nat(), (all, mask) => {
        const alerts = all.map((pairs) => ({ labels: labelsOf(pairs) }));
        const offered = proposedMatchers(alerts, null);
        expect(proposedMatchers(alerts.toReversed(), null)).toEqual(offered);
        const some = offered.filter((_, index) => (mask >> index) % 2 === 1);
        if (some.length === 0) return;
        const living = alerts.map((alert, index) => ({ ...alert, fingerprint: `${index}`, isSilenced: false }));
        expect(hiddenBy(some, living).count).toBe(alerts.length);
      }),
    );
  });

  it('are at most eight of them chosen, whatever the alerts carry: a form has room for ten', () => {
    const every = {
      ...istio,
      ...{ source_app: 'checkout', destination_app: 'payments', deployment: 'checkout', namespace: 'shop' },
    };
    const most = { ...every, envoy_cluster_name: 'outbound|80||payments.shop', dst_service: 'payments', dst_namespace: 'shop' };
    expect(chosenOf(most, edgeNamed()).length).toBeLessThanOrEqual(8);
  });
});

describe('what stands in the way of a silence', () => {
  const limits = { isAllowed: true, mostSeconds: 14_400 };
  const good: NewSilence = {
    matchers: [{ name: 'alertname', value: 'EdgeErrorRatioHigh' }],
    startsAtMs: nowMs,
    endsAtMs: nowMs + 7_200_000,
    createdBy: 'slack:U012ABC',
    comment: 'rollback is under way',
  };
  const lasting = (seconds: number) => ({ endsAtMs: nowMs + seconds * 1000 });
  const matching = (...pairs: readonly (readonly [string, string])[]) => ({
    matchers: pairs.map(([name, value]) => ({ name, value })),
  });
  const many = Array.from({ length: 21 }, (_, index) => ['alertname', `x${index}`] as const);

  it('is nothing where it names a rule, ends in time and says why', () => expect(silenceProblems(good, limits)).toEqual([]));

  it('is first of all that it is not allowed here', () =>
    expect(silenceProblems({ ...good, comment: '' }, { isAllowed: false, mostSeconds: 14_400 })).toEqual([
      { field: 'matchers', text: expect.stringContaining('SILENCES=on') },
    ]));

  it.each<[string, Partial<NewSilence>, string, RegExp]>([
    ['no label', matching(), 'matchers', /at least one label/],
    ['a label without a value', matching(['alertname', 'X'], ['pod', '']), 'matchers', /^pod has no value/],
    ['empty values alone', matching(['alertname', '']), 'matchers', /no value/],
    ['a severity alone', matching(['severity', 'page']), 'matchers', /^severity alone would hide too much/],
    [
      'a whole cluster',
      matching(['cluster', 'prod'], ['prometheus', 'k8s'], ['job', 'x']),
      'matchers',
      /alone would hide too much/,
    ],
    ['a whole namespace', matching(['namespace', 'shop']), 'matchers', /alone would hide too much/],
    ['a team', matching(['team', 'payments']), 'matchers', /alone would hide too much/],
    [
      'labels of endless names',
      matching(['a'.repeat(500), 'x'], ['b', 'x'], ['c', 'x'], ['d', 'x']),
      'matchers',
      /^a+…a+, b, c … alone/,
    ],
    ['a workload that is unknown', matching(['source_workload', 'unknown']), 'matchers', /alone would hide too much/],
    ['more labels than anybody could judge', matching(...many), 'matchers', /at most 20/],
    ['one label with two values', matching(['alertname', 'X'], ['alertname', 'Y']), 'matchers', /twice/],
    ['no end', lasting(Number.NaN), 'duration', /^Say how long, such as 30m, 2h or 1h30m; at most 4h\.$/],
    ['an end before its beginning', lasting(-60), 'duration', /^At least 1m/],
    ['a few seconds', lasting(59), 'duration', /^At least 1m/],
    ['a second too much', lasting(14_401), 'duration', /^That is 4h1s; at most 4h from here\.$/],
    ['ten years', lasting(315_360_000), 'duration', /^That is 3650d; at most 4h/],
    ['no reason', { comment: ' \n ' }, 'comment', /Say why/],
    ['a reason without end', { comment: 'x'.repeat(501) }, 'comment', /At most 500/],
  ])('is %s', (_what, more, field, text) =>
    expect(silenceProblems({ ...good, ...more }, limits)).toEqual([{ field, text: expect.stringMatching(text) }]),
  );

  it.each([
    ['one end of an edge', matching(['destination_service_name', 'payments'])],
    ["Linkerd's deployment", matching(['deployment', 'checkout'], ['severity', 'page'])],
    ['a minute', lasting(60)],
    ['the whole of what is allowed', lasting(14_400)],
    [
      'twenty labels',
      matching(
        ...many
          .slice(0, 20)
          .map(([, value]) => [value, 'y'] as const)
          .slice(1),
        ['alertname', 'X'],
      ),
    ],
    ['what looks like an expression, which is taken as it stands', matching(['alertname', '.*'])],
  ])('is not %s', (_what, more) => expect(silenceProblems({ ...good, ...more }, limits)).toEqual([]));

  it('is told of every field at once', () =>
    expect(silenceProblems({ ...good, ...matching(), ...lasting(0), comment: '' }, limits).map(({ field }) => field)).toEqual([
      ...['matchers', 'duration', 'comment'],
    ]));

  it('never lets through what could hide an alert that has none of the labels', () => {
    const pair = fc.record({
      name: fc.constantFrom('alertname', 'pod', 'severity', 'service', ''),
      value: fc.string({ maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 6 }), (matchers) => {
        if (silenceProblems({ ...good, matchers }, limits).length > 0) return;
        expect(hiddenBy(matchers, [{ fingerprint: 'f', labels: labelsOf([]), isSilenced: false }]).count).toBe(0);
      }),
    );
  });
});

describe('what a silence would hide now', () => {
  const living = (fingerprint: string, labels: Readonly<Record<string, string>>, isSilenced = false) => ({
    ...{ fingerprint, isSilenced },
    ...alertOf(labels),
  });
  const alerts = [
    living('1', { alertname: 'Slow', service: 'payments' }),
    living('2', { alertname: 'Errors', service: 'payments', pod: '' }, true),
    living('3', { alertname: 'Errors', service: 'payments', pod: 'p1' }),
    living('4', { alertname: 'Errors', service: 'cart' }),
    living('5', { service: 'payments' }),
  ];

  it.each([
    ['all of its labels', [['service', 'payments']], 4, 1],
    [
      'every one of its labels',
      [
        ['service', 'payments'],
        ['alertname', 'Errors'],
      ],
      2,
      1,
    ],
    [
      'an empty value, which an absent label has too',
      [
        ['alertname', 'Errors'],
        ['pod', ''],
      ],
      2,
      1,
    ],
    ['an expression only where that is the very value', [['alertname', '.*']], 0, 0],
    ['a label that nobody has', [['constructor', 'x']], 0, 0],
    ['nothing, which no silence may', [], 0, 0],
  ])('is what has %s', (_what, pairs, count, alreadySilenced) =>
    expect(
      hiddenBy(
        pairs.map(([name = '', value = '']) => ({ name, value })),
        alerts,
      ),
    ).toMatchObject({ count, alreadySilenced }),
  );

  it('is told by its first few names, each once, those without one by their fingerprint', () => {
    expect(hiddenBy([{ name: 'service', value: 'payments' }], alerts)).toEqual({
      count: 4,
      alreadySilenced: 1,
      names: ['5', 'Errors', 'Slow'],
      moreNames: 0,
      fingerprints: ['1', '2', '3', '5'],
    });
  });

  it('leaves names out where they are many, and says how many', () => {
    const many = ['A', 'B', 'C', 'D', 'E'].map((alertname) => living(alertname, { alertname, service: 'x' }));
    expect(hiddenBy([{ name: 'service', value: 'x' }], many)).toMatchObject({ names: ['A', 'B', 'C'], moreNames: 2 });
  });

  it('is never more by a further label', () => {
    const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('', 'x', 'y'));
    const matcher = fc.record({ name: fc.constantFrom('a', 'b', 'c'), value: fc.constantFrom('', 'x', 'y') });
    fc.assert(
      fc.property(fc.array(labels), fc.array(matcher, { minLength: 1, maxLength: 3 }), matcher, (all, matchers, more) => {
        const some = all.map((one, index) => living(`${index}`, one));
        expect(hiddenBy([...matchers, more], some).count).toBeLessThanOrEqual(hiddenBy(matchers, some).count);
      }),
    );
  });
});

describe('how long', () => {
  it.each([
    ['2h', 7200],
    ['90m', 5400],
    ['1d', 86_400],
    ['1h30m', 5400],
    ['1h 30m', 5400],
    [' 45 min ', 2700],
    ['1D2H', 93_600],
    ['30s', 30],
    ['0m', 0],
  ])('%s is %i seconds', (text, seconds) => expect(secondsOfDuration(text)).toBe(seconds));

  it.each(['', '2', 'h', '-1h', '1.5h', '30m1h', '1h1h', '1w', '2 hours', '1h30', '９h', '1'.repeat(400), '999999999h', '∞'])(
    '"%s" is no duration',
    (text) => expect(secondsOfDuration(text)).toBeNull(),
  );

  it.each([
    [5400, '1h30m'],
    [14_400, '4h'],
    [604_800, '7d'],
    [61.9, '1m1s'],
    [0, '0s'],
    [-5, '0s'],
  ])('%d seconds are said as %s', (seconds, text) => expect(durationText(seconds)).toBe(text));

  it('is read back as it was said', () =>
    fc.assert(
      fc.property(fc.nat(9_999_999), (seconds) => {
        expect(secondsOfDuration(durationText(seconds))).toBe(seconds);
      }),
    ));
});
