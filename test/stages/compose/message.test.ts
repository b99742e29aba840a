import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../../src/domain/diagnosis.ts';
import { hear, open } from '../../../src/domain/episode.ts';
import type { Evidence } from '../../../src/domain/evidence.ts';
import { got } from '../../../src/domain/gathered.ts';
import type { Incident } from '../../../src/domain/incident.ts';
import { newsMessages } from '../../../src/stages/compose/outgoing.ts';
import { root } from '../../../src/stages/compose/root.ts';
import { spoken } from '../../../src/stages/compose/spoken.ts';
import { closedRoot, escalation, resolutionCard } from '../../../src/stages/compose/thread.ts';
import { alertWith, edgeNamed, findingAt, nowMs, reportOf, setting, standing } from '../../support/report.ts';

const edge = edgeNamed();
const alert = alertWith({ namespace: 'shop' });
const opened = (): Incident =>
  open(
    {
      id: 'i1',
      key: 'k',
      workspace: 'T1',
      cluster: 'prod',
      subject: { kind: 'edge', edge },
      title: 'checkout → payments',
      channel: '#mesh-alerts',
    },
    alert,
    [alert],
    nowMs,
  );
const impact = (failedPerMinute: number): Partial<Diagnosis> => ({
  impact: { failedPerMinute, callersAffected: 1, callers: 1, ingressAffected: null },
});
const said = (diagnosis: Partial<Diagnosis>): string => spoken(root(reportOf(edge, [alert], {}, diagnosis), setting, standing));

describe('the root', () => {
  it('names the side to blame beside the confidence word', () => {
    expect(said({})).toMatch(/likely · callee's proxy/);
    expect(said({ verdict: { ...findingAt(edge), side: 'nothing wrong' } })).not.toMatch(/· nothing wrong/);
  });

  it.each([
    [0, 'no failed requests'],
    [0.04, 'no failed requests'],
    [0.5, 'about 0.5 failed requests/min'],
    [1, 'about 1 failed request/min'],
    [9.97, 'about 10 failed requests/min'],
    [12_345.6, 'about 12,346 failed requests/min'],
  ])('words an impact of %d failed requests a minute', (perMinute, words) => {
    expect(said(impact(perMinute))).toContain(`Impact: ${words}`);
  });

  it('says that failures are as usual where only something else moved', () => {
    const signals = reportOf(edge).diagnosis.signals.map((line) => (line.signal === 'errors' ? { ...line, moved: false } : line));
    expect(said({ ...impact(1.1), signals })).toContain('Impact: about 1.1 failed requests/min, as usual');
  });

  it('says in its header what failed and what was refused, each for itself', () => {
    const line = { signal: 'errors', moved: true, usual: '0.1 %', change: null, why: null, value: 0, usualValue: 0.001 } as const;
    const headed = (now: string) => said({ signals: [{ ...line, now }] }).split('\n')[0];
    expect(headed('5.3 %')).toContain('checkout → payments: 5.3 % failing (usually 0.1 %)');
    expect(headed('0 %, 30 % refused')).toContain('checkout → payments: 0 % failing (usually 0.1 %), 30 % refused');
  });

  it("names the edge whose response flags it lists where that is not the alert's", () => {
    const deeper = edgeNamed('payments', 'bank', 'finance');
    const { text } = { text: spoken(root(reportOf(edge, [alert], { path: [edge, deeper] }), setting, standing)) };
    expect(text).toContain('Response flags of payments → bank\n');
    expect(said({})).toContain('Response flags\n');
  });

  it("says who counted and what failed means in the mesh's own words", () => {
    const footerIn = (mesh: Evidence['mesh']): string => spoken(root(reportOf(edge, [alert], { mesh }), setting, standing));
    expect(footerIn('istio')).toMatch(/counted by the caller's proxies over .* · failed = 5xx/);
    expect(footerIn('ambient')).toMatch(/\(waypoint\)[\s\S]*counted by waypoints over .* · failed = 5xx/);
    expect(footerIn('linkerd')).toMatch(/counted by the caller's proxies over .* · failed = what Linkerd classifies as failure/);
  });

  it('keeps the header, the verdict and the first check in its top-level text, however long the verdict is', () => {
    const verdict = { ...findingAt(edge), sentence: `payments ${'is slow and '.repeat(30)}fails` };
    const { text } = root(reportOf(edge, [alert], {}, { verdict }), setting, standing);
    expect(text.length).toBeLessThanOrEqual(300);
    expect(text).toMatch(/^🔴 checkout → payments: 5\.3 % failing/);
    expect(text).toMatch(/First check: See whether payments has ready endpoints$/);
  });

  it('links the dashboard of a host outside the mesh by that host', () => {
    const outside = edgeNamed('checkout', 'api.stripe.com');
    const message = root(reportOf(outside, [alert], {}, {}), setting, standing);
    expect(JSON.stringify(message.blocks)).toContain('var-service=api.stripe.com&amp;');
  });
});

describe('what is broadcast', () => {
  const page = alertWith({ alertname: 'CheckoutDown', severity: 'page' });
  it('says whose severity was raised, by which alert, and the verdict', () => {
    const warned = { ...opened(), severity: 'warning' as const, lastVerdict: 'payments refuses connections' };
    const { incident } = hear(warned, [{ ...page, fingerprint: 'f2' }], nowMs, true);
    expect(escalation('severity-raised', incident, '<!subteam^S0123ABC>').text).toBe(
      '<!subteam^S0123ABC> *checkout → payments* is now *page*: CheckoutDown\nVerdict: payments refuses connections',
    );
  });
  it('takes a mention only in the exact form of an id', () => {
    for (const mention of ['@here', '<!everyone>', '<@U1|x>', '<!subteam^S1> <!channel>', '<https://evil.example|x>', ''])
      expect(escalation('reopened', opened(), mention).text).not.toMatch(/[<@]/);
  });
});

describe('the resolution card', () => {
  const ended = (more: Partial<Incident> = {}): Incident => ({
    ...opened(),
    state: 'resolved',
    peak: { errorRatio: 1, failedPerMinute: 600, latencyP99Seconds: 2.5 },
    failedRequests: 1,
    lastVerdict: 'payments refuses connections',
    ...more,
  });
  const endingWith = (changed: boolean) =>
    reportOf(edge, [alert], {
      changes: got(
        changed
          ? [{ kind: 'rollout', what: 'payments v2 → v1', object: null, namespace: 'shop', workload: 'payments', atMs: nowMs }]
          : [],
      ),
    });

  it('tells how long, the peak, the failed requests and the last verdict', () => {
    const { text } = resolutionCard(ended(), nowMs + 600_000, setting);
    expect(text).toMatch(/^\*Resolved\* at <!date\^\d+\^\{time\}\|07:25> after 14 min$/m);
    expect(text).toContain('*Peak:* 100 % failing, p99 2.5 s');
    expect(text).toContain('About 1 failed request in all');
    expect(text).toContain('*Last verdict:* payments refuses connections');
  });

  it('leads to its incident in the Home, as the ended root and every broadcast do', () => {
    const known = { ...setting, homeUrl: 'slack://app?team=T1&id=A1&tab=home' };
    const news = newsMessages(ended(), ['reopened', 'resolved'], null, nowMs, known).map(({ message }) => message);
    for (const { blocks } of [...news, closedRoot(ended(), null, nowMs, known)])
      expect(blocks.at(-1)).toMatchObject({
        type: 'actions',
        elements: expect.arrayContaining([expect.objectContaining({ action_id: 'home', value: 'i1', url: known.homeUrl })]),
      });
    expect(news).toHaveLength(2);
    const unknown = newsMessages(ended(), ['reopened', 'resolved'], null, nowMs, setting);
    expect(JSON.stringify([unknown, closedRoot(ended(), null, nowMs, setting)])).not.toContain('slack://');
  });

  it('tells what changed back, what is lower but not yet well, and what was changed while it fired', () => {
    const { text } = resolutionCard(ended(), nowMs, setting, endingWith(true));
    expect(text).toContain('*What changed back:* latency p99 2.5 s → p99 120 ms');
    expect(text).toContain('*Going down:* errors 100 % → 5.3 % (usually 0.1 %), over a window that reaches into the incident');
    expect(text).toMatch(/\*Changed while it fired\*\n• {2}<!date[^>]*> payments v2 → v1/);
    expect(resolutionCard(ended(), nowMs, setting, endingWith(false)).text).toContain('*Changed while it fired:* none found');
  });

  it('does not say of a figure that is as it was at its worst that it changed back', () => {
    const still = ended({ peak: { errorRatio: 0.055, failedPerMinute: 30, latencyP99Seconds: 2.5 } });
    expect(resolutionCard(still, nowMs, setting, endingWith(false)).text).toContain(
      '*What changed back:* latency p99 2.5 s → p99 120 ms',
    );
  });

  it('claims nothing that could not be read', () => {
    const unread = reportOf(edge, [alert], { readings: [] });
    for (const { text } of [resolutionCard(ended(), nowMs, setting), resolutionCard(ended(), nowMs, setting, unread)])
      expect(text).not.toMatch(/changed/i);
  });
});

describe('the root of an ended incident', () => {
  it('is cut within 300 characters and never inside an entity', () => {
    const { text } = closedRoot({ ...opened(), state: 'resolved', lastVerdict: `a ${'<'.repeat(300)}` }, 'note', nowMs, setting);
    expect(text.length).toBeLessThanOrEqual(300);
    expect(text).not.toMatch(/&(?!amp;|lt;|gt;)/);
  });
});
