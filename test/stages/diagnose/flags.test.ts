import { describe, expect, it } from 'vitest';
import { type Edge, edgeTitle } from '../../../src/domain/edge.ts';
import { judgeEdge } from '../../../src/domain/judgement.ts';
import type { Counts, EdgeReading } from '../../../src/domain/signals.ts';
import { random } from '../../support/random.ts';
import { edgeNamed } from '../../support/report.ts';
import { connectionsRows } from './flag-rows/connections.ts';
import { limitsRows } from './flag-rows/limits.ts';
import { policiesRows } from './flag-rows/policies.ts';
import { callersProxy, type Truth } from './flag-rows/row.ts';
import { timeRows } from './flag-rows/time.ts';
import { diagnosed, type Fault, readingAt } from './flags.ts';

/**
 * What two real Envoys print for each fault, caller and callee (code and flags), and which of their counters move: a lab of two sidecars,
 * Envoy 1.40. What the flags mean: envoyproxy.io, "Access logging", %RESPONSE_FLAGS%.
 */
const rows = [...connectionsRows, ...timeRows, ...limitsRows, ...policiesRows];

const said = (fault: Fault, others: readonly EdgeReading[] = [], moved = fault.moved) => {
  const { verdict, summary } = diagnosed({ ...fault, moved: moved ?? [] }, others);
  const words = verdict === null ? summary : [verdict.sentence, ...verdict.evidence, verdict.firstCheck.sentence].join(' · ');
  return { rule: verdict?.rule ?? 'none', side: verdict?.side ?? null, object: verdict?.firstCheck.object ?? '', words };
};

describe.each([0.3, 1, 0.04])('when %d of the requests are hit, on a past with a failure in every thousand,', (share) => {
  it.each(rows)('%s', (_, fault, truth) => {
    const found = said({ ...fault, share });
    expect(found, found.words).toMatchObject({ rule: truth.rule, side: truth.side });
    expect(found.object).toMatch(truth.object);
    if (truth.not !== undefined) expect(found.words).not.toMatch(truth.not);
  });
});

/** What no destination was chosen for stands in a row of its own; checkout → payments is silent meanwhile. */
const nowhere: Edge = { ...edgeNamed(), destination: { namespace: null, workload: null, service: null } };
const silent: Fault = { caller: 'none', callee: 'none', share: 1 };

describe('requests that no destination was chosen for', () => {
  it.each<readonly [name: string, fault: Fault, truth: Truth]>([
    [
      'no route',
      { caller: '404 NR', callee: 'none' },
      { rule: 'no-route', side: callersProxy, object: /^VirtualService in shop$/, not: /stopped calling/ },
    ],
    [
      'no cluster',
      { caller: '503 NC', callee: 'none' },
      { rule: 'no-route', side: callersProxy, object: /^VirtualService in shop$/, not: /to unknown/ },
    ],
    [
      'a fixed answer',
      { caller: '502 -', callee: 'none', moved: ['caller/http_rq_direct_response'] },
      { rule: 'proxy-answered', side: callersProxy, object: /VirtualService/, not: /stopped calling|for unknown/ },
    ],
    [
      'overload',
      { caller: '503 -', callee: 'none', moved: ['caller/http_downstream_rq_overload_close'] },
      { rule: 'proxy-answered', side: callersProxy, object: /^Deployment shop\/checkout$/ },
    ],
    [
      'overload, counters hidden',
      { caller: '503 -', callee: 'none' },
      { rule: 'proxy-answered', side: callersProxy, object: /^Deployment shop\/checkout$/ },
    ],
    [
      'no HTTP',
      { caller: '400 DPE', callee: 'none' },
      { rule: 'protocol-error', side: 'caller', object: /^Deployment shop\/checkout$/ },
    ],
    [
      'an invalid header',
      { caller: '400 IH', callee: 'none' },
      { rule: 'bad-request-header', side: 'caller', object: /^Deployment shop\/checkout$/ },
    ],
    [
      'no host',
      { caller: '400 -', callee: 'none' },
      { rule: 'proxy-answered', side: callersProxy, object: /^Deployment shop\/checkout$/, not: /asks for what|unknown/ },
    ],
  ])('%s: is found beside the edge of the alert', (_, fault, truth) => {
    const found = said(silent, [readingAt(nowhere, { ...fault, share: 1, isNew: true })], fault.moved);
    expect(found, found.words).toMatchObject({ rule: truth.rule, side: truth.side });
    expect(found.object).toMatch(truth.object);
    if (truth.not !== undefined) expect(found.words).not.toMatch(truth.not);
  });

  it('as every day blame nobody: scanners and typing errors', () => {
    const ok: Fault = { caller: '200 -', callee: '200 -' };
    expect(said(ok, [readingAt(nowhere, { caller: '404 NR', callee: 'none', share: 1, isUsual: true })]).rule).toBe('healthy');
  });
});

describe('what an edge does as ever is never blamed', () => {
  it.each([
    ['clients that leave by design', { caller: '0 DC', callee: '0 DC' }],
    ['a rate limit', { caller: '429 -', callee: '429 RL' }],
    ['not found', { caller: '404 -', callee: '404 -' }],
    ['retries that mend', { caller: '200 -', callee: '200 -', moved: ['caller/upstream_rq_retry'] }],
  ] as const)('%s', (_, fault) => {
    const found = said({ ...fault, share: 0.05, isUsual: true });
    expect(found.side, found.words).toBe('nothing wrong');
  });

  it('more not found than ever is shown, not blamed', () => {
    const found = said({ caller: '404 -', callee: '404 -' });
    expect(found.rule).toBe('none');
    expect(found.words).toMatch(/client errors/);
  });

  it('more too large than ever may be refused by the callee or by its proxy, while nobody shows who', () => {
    const found = said({ caller: '413 -', callee: '413 -' });
    expect(found.rule).toBe('none');
    expect(found.words).toMatch(/payments or its proxy refuses them \(HTTP 413\)$/);
  });
});

describe('a callee whose own calls fail or are slow', () => {
  const bank = edgeNamed('payments-v1', 'bank');
  const failing: Fault = { caller: '500 -', callee: '500 -' };
  const slow: Fault = { caller: '200 -', callee: '200 -', slow: 'both', share: 0.9 };
  const at = (fault: Fault, below: Fault): string => {
    const { verdict } = diagnosed(fault, [readingAt(bank, below)]);
    return `${verdict?.rule} at ${verdict === null ? '?' : edgeTitle(verdict.at)}`;
  };

  it.each<readonly [name: string, fault: Fault, below: Fault, said: string]>([
    ['passes its errors on', failing, failing, 'callee-errors at payments-v1 → bank'],
    [
      'has a proxy that cannot reach it',
      { caller: '503 -', callee: '503 UF' },
      failing,
      'connection-failure at checkout → payments',
    ],
    ['has a full limit before it', { caller: '503 -', callee: '503 UO' }, failing, 'circuit-breaker at checkout → payments'],
    ['dies in mid-response', { caller: '200 UPE', callee: '200 UPE' }, failing, 'cut-response at checkout → payments'],
    ['is refused by policy', { caller: '429 -', callee: '429 RL' }, failing, 'rate-limited at checkout → payments'],
    ['has no endpoint', { caller: '503 UH', callee: 'none' }, failing, 'no-healthy-upstream at checkout → payments'],
    [
      'keeps its caller waiting until a timeout',
      { caller: '504 UT', callee: '0 DC', slow: 'both' },
      slow,
      'slow-dependency at payments-v1 → bank',
    ],
    [
      'keeps its caller waiting until the longest duration',
      { caller: '504 -', callee: '0 DC', slow: 'both' },
      slow,
      'slow-dependency at payments-v1 → bank',
    ],
    [
      'runs into a timeout of its own proxy',
      { caller: '504 -', callee: '504 UT', slow: 'both' },
      slow,
      'slow-dependency at payments-v1 → bank',
    ],
    [
      'keeps its clients waiting until they leave',
      { caller: '0 DC', callee: '0 DC', slow: 'both' },
      slow,
      'slow-dependency at payments-v1 → bank',
    ],
  ])('%s', (_, fault, below, expected) => {
    expect(at(fault, below)).toBe(expected);
  });
});

it('who waits for two slow calls in turn is led down to one of them, though each makes up less than half of the wait', () => {
  const slow = (share: number): Fault => ({ caller: '200 -', callee: '200 -', slow: 'both', share });
  // Buckets are asked for few edges: of these only the mean is known.
  const withMeanOnly = ({ caller, callee, ...reading }: EdgeReading): EdgeReading => ({
    ...reading,
    caller: caller === null ? null : { ...caller, latency: null },
    callee: callee === null ? null : { ...callee, latency: null },
  });
  const below = ['bank', 'fraud'].map((callee) => withMeanOnly(readingAt(edgeNamed('payments-v1', callee), slow(0.4))));
  const { verdict } = diagnosed(slow(0.9), below);
  expect(verdict?.rule).toBe('slow-dependency');
  expect(verdict === null ? '' : edgeTitle(verdict.at)).toBe('payments-v1 → bank');
});

describe('a limit of time two calls below the alert', () => {
  it.each([
    ['of the stream, idle', { caller: '504 SI', callee: '0 DC' }, 'duration-limit'],
    ['of the stream, whole', { caller: '504 UMSDR', callee: '0 DC' }, 'duration-limit'],
    [
      'of the route, which prints no flag',
      { caller: '504 -', callee: '0 DC', moved: ['caller/http_downstream_rq_max_duration_reached'] },
      'proxy-answered',
    ],
  ] as const)('%s: is the verdict, and the slowness it met is not', (_, below, rule) => {
    const slow: Fault = { ...below, slow: 'both', share: 0.9 };
    const failing: Fault = { caller: '500 -', callee: '500 -', slow: 'both', share: 0.9, moved: slow.moved ?? [] };
    const { verdict, findings } = diagnosed(failing, [readingAt(edgeNamed('payments-v1', 'bank'), slow)]);
    expect(verdict?.rule).toBe(rule);
    expect(findings.map(({ rule: other }) => other)).not.toContain('slow-dependency');
  });
});

it('a delay that was injected two calls below the alert is the verdict, not the slowness it makes', () => {
  const parent: Fault = { caller: '200 -', callee: '200 -', slow: 'both', share: 0.9 };
  const delayed: Fault = { caller: '200 DI', callee: '200 -', slow: 'caller', share: 0.9 };
  const { verdict, findings } = diagnosed(parent, [readingAt(edgeNamed('payments-v1', 'bank'), delayed)]);
  expect(verdict?.rule).toBe('fault-injected');
  expect(findings.map(({ rule }) => rule)).not.toContain('slow-dependency');
});

describe('clients that leave by design', () => {
  it('are blamed on none of a thousand edges, however much they do so', () => {
    const blamed = Array.from({ length: 1000 }, (_, seed) => {
      const dice = random(seed + 1);
      const usual = 10 ** dice.between(-3, -0.5);
      const requests = 10 ** dice.between(2, 4);
      const counts = (): Counts => {
        const n = dice.clumped(requests, 2);
        const left = Math.min(n, dice.clumped(n * usual * Math.exp(0.2 * dice.normal()), 2));
        return { requests: n, failed: 0, refused: 0, clientLeft: left, clientError: 0 };
      };
      const now = counts();
      const reading = readingAt(edgeNamed(), { caller: '200 -', callee: '200 -', share: 0 });
      const caller =
        reading.caller === null
          ? null
          : {
              ...reading.caller,
              counts: { now, halves: null, previous: counts(), local: Array.from({ length: 24 }, counts), base: [] },
            };
      return judgeEdge({ ...reading, caller, callee: null }, 'named').isSick;
    }).filter((isSick) => isSick);
    expect(blamed.length).toBeLessThanOrEqual(2);
  });
});

describe('an edge that fails and is slower too, as on a loaded node', () => {
  it.each([
    ['errors of the application', { caller: '500 -', callee: '500 -' }, 'callee-errors'],
    ['responses that are cut', { caller: '200 UPE', callee: '200 UPE' }, 'cut-response'],
    ['refusals by policy', { caller: '429 -', callee: '429 RL' }, 'rate-limited'],
    ['its clock running out, which slowness explains', { caller: '504 UT', callee: '0 DC' }, 'upstream-timeout'],
  ] as const)('has the failures for its trouble: %s', (_, fault, rule) => {
    expect(said({ ...fault, slow: 'both', share: 0.3 }).rule).toBe(rule);
  });
});
