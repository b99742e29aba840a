import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/domain/alert.ts';
import { alertsOf, hear, isBack, open, subjectKey } from '../../src/domain/episode.ts';
import { age } from '../../src/domain/episode-end.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { alertWith, edgeNamed, nowMs } from '../support/report.ts';

const subject = { kind: 'edge', edge: edgeNamed() } as const;
const opening = {
  id: 'i1',
  workspace: 'T1',
  cluster: 'prod',
  key: subjectKey(subject, alertWith(), 'g'),
  subject,
  title: 'checkout → payments',
  channel: '#oncall',
};
const firing = (fingerprint: string, severity = 'warning'): Alert => ({ ...alertWith({ severity }), fingerprint });
const resolved = (alert: Alert): Alert => ({ ...alert, status: 'resolved', endsAtMs: nowMs });
const opened = (...alerts: Alert[]): Incident => open(opening, alerts[0] ?? alertWith(), alerts, nowMs);
const minute = 60_000;

describe('the life of an incident', () => {
  it('hears the same delivery again without news', () => {
    const incident = opened(firing('a'));
    expect(hear(incident, [firing('a')], nowMs + minute, true).news).toEqual([]);
  });

  it('folds a second alert in, and broadcasts only what is louder', () => {
    const incident = opened(firing('a'));
    expect(hear(incident, [firing('b')], nowMs, true).news).toEqual(['alert-joined']);
    expect(hear(incident, [firing('b', 'critical')], nowMs, true).news).toEqual(['severity-raised', 'alert-joined']);
    const loud = opened(firing('a', 'critical'));
    expect(hear(loud, [firing('b', 'critical')], nowMs, true).news).toEqual(['page-joined', 'alert-joined']);
  });

  it('resolves when its last alert does, never before', () => {
    const incident = hear(opened(firing('a')), [firing('b')], nowMs, true).incident;
    const half = hear(incident, [resolved(firing('a'))], nowMs + minute, true);
    expect([half.incident.state, half.news]).toEqual(['open', ['heard']]);
    const whole = hear(half.incident, [resolved(firing('b'))], nowMs + 2 * minute, true);
    expect([whole.incident.state, whole.news, whole.incident.closedAtMs]).toEqual(['resolved', ['resolved'], nowMs + 2 * minute]);
  });

  it('never closes on a truncated body', () => {
    const { incident, news } = hear(opened(firing('a')), [resolved(firing('a'))], nowMs + minute, false);
    expect([incident.state, news]).toEqual(['open', ['heard']]);
  });

  it('takes a firing copy that arrives right after the resolution for a late duplicate', () => {
    const closed = hear(opened(firing('a')), [resolved(firing('a'))], nowMs, true).incident;
    expect(hear(closed, [firing('a')], nowMs + 20_000, true).incident.state).toBe('resolved');
  });

  it('comes back into its root when it fires again', () => {
    const closed = hear(opened(firing('a')), [resolved(firing('a'))], nowMs, true).incident;
    const again = hear(closed, [{ ...firing('a'), startsAtMs: nowMs + 5 * minute }], nowMs + 5 * minute, true);
    expect([again.incident.state, again.incident.reopened, again.incident.closedAtMs]).toEqual(['open', 1, null]);
    expect(again.news).toContain('reopened');
  });

  it('that flaps is told to be back three times, and then once in half an hour', () => {
    const goes = (incident: Incident, atMs: number) =>
      hear(
        incident,
        incident.alerts.map((one) => resolved({ ...firing('a'), ...one })),
        atMs,
        true,
      ).incident;
    const comes = (incident: Incident, atMs: number) => hear(incident, [{ ...firing('a'), startsAtMs: atMs }], atMs, true);
    let incident = opened(firing('a'));
    const told: string[] = [];
    for (let round = 1; round <= 12; round += 1) {
      const closed = goes(incident, nowMs + (round * 8 - 4) * minute);
      expect(closed.state).toBe('resolved');
      const back = comes(closed, nowMs + round * 8 * minute);
      expect(back.incident).toMatchObject({ state: 'open', reopened: round });
      expect(isBack(back.news)).toBe(true);
      told.push(back.news.includes('reopened') ? 'told' : 'quiet');
      incident = back.incident;
    }
    expect(told.join(' ')).toBe('told told told quiet quiet quiet told quiet quiet quiet told quiet');
  });

  it('ignores the resolution of an alert it never heard firing', () => {
    const { incident, news } = hear(opened(firing('a')), [resolved(firing('z'))], nowMs, true);
    expect([incident.alerts.length, news]).toEqual([1, []]);
  });

  it('reaches the same end whatever the order and repetition of firing deliveries', () => {
    const alerts = ['a', 'b', 'c'].map((fingerprint) => firing(fingerprint));
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...alerts), { minLength: 1, maxLength: 12 }), (deliveries) => {
        const end = deliveries.reduce(
          (incident, alert) => hear(incident, [alert], nowMs, true).incident,
          opened(...alerts.slice(0, 1)),
        );
        const known = new Set(['a', ...deliveries.map(({ fingerprint }) => fingerprint)]);
        expect(new Set(end.alerts.map(({ fingerprint }) => fingerprint))).toEqual(known);
        expect(end.state).toBe('open');
      }),
    );
  });
});

describe('an incident that nobody reports any more', () => {
  const silenced = new Map([['a', 'silenced' as const]]);
  const gone = new Map<string, 'active'>();

  it('stays open while Alertmanager lists it', () => {
    expect(age(opened(firing('a')), new Map([['a', 'active']]), nowMs + 9 * 60 * minute).news).toBeNull();
  });

  it('closes as no longer reported after ten minutes off the list, and says who silenced it', () => {
    const first = age(opened(firing('a')), silenced, nowMs);
    expect(first.news).toBeNull();
    const later = age(first.incident, silenced, nowMs + 10 * minute);
    expect([later.news, later.incident.state, later.note]).toEqual([
      'unreported',
      'unreported',
      'No longer reported: the alert is silenced in Alertmanager',
    ]);
    expect(age(age(opened(firing('a')), gone, nowMs).incident, gone, nowMs + 10 * minute).note).toContain('10 minutes');
  });

  it('forgets the absence when the alert is listed again', () => {
    const missing = age(opened(firing('a')), gone, nowMs).incident;
    const back = age(missing, new Map([['a', 'active']]), nowMs + 5 * minute).incident;
    expect(age(back, gone, nowMs + 11 * minute).news).toBeNull();
  });

  it('waits twice the repeat interval where Alertmanager cannot be asked', () => {
    expect(age(opened(firing('a')), null, nowMs + 7 * 60 * minute).news).toBeNull();
    expect(age(opened(firing('a')), null, nowMs + 8 * 60 * minute).news).toBe('unreported');
  });

  it('is resolved when every alert had said so and only a truncated body kept it open', () => {
    const waiting = hear(opened(firing('a')), [resolved(firing('a'))], nowMs, false).incident;
    expect(age(waiting, gone, nowMs + 9 * minute).news).toBeNull();
    expect(age(waiting, gone, nowMs + 10 * minute).news).toBe('resolved');
  });

  it('is about one alert that went and came back, and does not tell of it as one that joined', () => {
    const over = hear(opened(firing('a')), [resolved(firing('a'))], nowMs, true).incident;
    const again = { ...firing('a'), startsAtMs: nowMs + 5 * minute };
    const back = hear(over, [again, firing('b')], nowMs + 5 * minute, true).incident;
    expect(alertsOf(back)).toBe(2);
    expect(back.alerts.filter(({ isTold }) => !isTold).map(({ fingerprint }) => fingerprint)).toEqual(['b']);
  });
});
