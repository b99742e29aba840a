import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPayload } from '../../../src/adapters/alertmanager/payload.ts';
import type { AlertGroup } from '../../../src/domain/alert.ts';
import { labelOf } from '../../../src/domain/alert.ts';
import { alertBody, deliveryBody } from './bodies.ts';

const read = (value: unknown): AlertGroup => {
  const payload = readPayload(JSON.stringify(value));
  if (!payload.ok) throw new Error(JSON.stringify(payload.refusal));
  return payload.group;
};
const refusal = (text: string) => {
  const payload = readPayload(text);
  return payload.ok ? null : payload.refusal;
};

describe('a webhook body of Alertmanager', () => {
  it('is read into a group with its alerts, moments as milliseconds', () => {
    const group = read(deliveryBody([alertBody({ labels: { alertname: 'HighErrorRate', severity: 'page' } })]));
    expect(group.groupKey).toBe('{}:{alertname="HighErrorRate"}');
    expect(group.alerts[0]?.startsAtMs).toBe(Date.UTC(2026, 10, 24, 7, 15, 20, 500));
    expect(group.alerts[0]?.labels).toEqual({ alertname: 'HighErrorRate', severity: 'page' });
  });

  it('may lack what only newer versions send, and carry what no version sends', () => {
    const group = read({ ...deliveryBody([alertBody()]), unheardOf: { deep: [1] } });
    expect(group.notificationReason).toBeNull();
    expect(group.routeLabels).toEqual({});
    const newer = read({
      ...deliveryBody([alertBody()]),
      notification_reason: 'first notification',
      routeLabels: { owner: 'a' },
    });
    expect(newer.notificationReason).toBe('first notification');
    expect(newer.routeLabels).toEqual({ owner: 'a' });
  });

  it('may say null for the common annotations and leave out the count of cut alerts', () => {
    const { truncatedAlerts: _, ...body } = deliveryBody([alertBody()]);
    const group = read({ ...body, commonAnnotations: null });
    expect(group.commonAnnotations).toEqual({});
    expect(group.truncatedAlerts).toBe(0);
  });

  it.each(['0001-01-01T00:00:00Z', null, undefined])('says with an end of %s that the alert has not ended', (endsAt) => {
    expect(read(deliveryBody([alertBody({ endsAt })])).alerts[0]?.endsAtMs).toBeNull();
  });

  it.each([
    ['2019-09-27T16:27:56.612666101Z', Date.UTC(2019, 8, 27, 16, 27, 56, 612)],
    ['2018-11-04T22:43:58.283995108+01:00', Date.UTC(2018, 10, 4, 21, 43, 58, 283)],
    ['2026-11-24T07:15:20Z', Date.UTC(2026, 10, 24, 7, 15, 20)],
  ])('has moments as Go prints them: %s', (startsAt, expected) => {
    expect(read(deliveryBody([alertBody({ startsAt })])).alerts[0]?.startsAtMs).toBe(expected);
  });

  it.each(['', '/graph?g0.expr=up', 'http:///graph', 'javascript:alert(1)', 'http://[::', '<!channel>'])(
    'may name any text as the generator: %j',
    (generatorURL) => {
      expect(read(deliveryBody([alertBody({ generatorURL })])).alerts[0]?.generatorUrl).toBe(generatorURL);
    },
  );

  it('names its receiver as a regular expression, which is undone', () => {
    expect(read({ ...deliveryBody([alertBody()]), receiver: 'team\\.a\\+b\\\\c' }).receiver).toBe('team.a+b\\c');
  });

  it('keeps labels called like parts of an object, and pollutes nothing', () => {
    const text = JSON.stringify(deliveryBody([alertBody()])).replace(
      '"labels":{',
      '"labels":{"__proto__":"polluted","constructor":"c","toString":"t",',
    );
    const payload = readPayload(text);
    const labels = payload.ok ? payload.group.alerts[0]?.labels : undefined;
    expect(Object.keys(labels ?? {})).toContain('__proto__');
    expect(labelOf(labels ?? {}, '__proto__')).toBe('polluted');
    expect(labelOf(labels ?? {}, 'constructor')).toBe('c');
    expect(labelOf(labels ?? {}, 'hasOwnProperty')).toBeNull();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('a body that is refused names the field, what was given and what is expected', () => {
  const valid = deliveryBody([alertBody()]);
  it.each<[string, unknown, string, string, RegExp]>([
    ['no status', { ...valid, status: undefined }, 'status', 'nothing', /"firing"\|"resolved"/],
    ['an unknown status', { ...valid, status: 'paused' }, 'status', '"paused"', /"firing"\|"resolved"/],
    ['another version', { ...valid, version: '3' }, 'version', '"3"', /"4"/],
    ["Grafana's own webhook", { ...valid, version: '1', orgId: 1 }, 'version', '"1"', /Grafana.*Alertmanager contact point/],
    ['alerts that are no list', { ...valid, alerts: {} }, 'alerts', 'an object', /array/],
    ['no alerts', { ...valid, alerts: [] }, 'alerts', 'a list', /at least one/],
    ['labels that are a list', deliveryBody([alertBody({ labels: [] })]), 'alerts.0.labels', 'a list', /object/],
    ['a label that is a number', deliveryBody([alertBody({ labels: { a: 1 } })]), 'alerts.0.labels.a', '1', /text/],
    [
      'a label with a hostile conversion',
      deliveryBody([alertBody({ labels: { a: { toString: 1 } } })]),
      'alerts.0.labels.a',
      'an object',
      /text/,
    ],
    ['no fingerprint', deliveryBody([alertBody({ fingerprint: undefined })]), 'alerts.0.fingerprint', 'nothing', /string/],
    ['a time in words', deliveryBody([alertBody({ startsAt: 'Tuesday' })]), 'alerts.0.startsAt', '"Tuesday"', /RFC 3339/],
    [
      'a time that only looks like one',
      deliveryBody([alertBody({ startsAt: '2026-13-45T99:00:00Z' })]),
      'alerts.0.startsAt',
      '"2026-13-45T99:00:00Z"',
      /RFC 3339/,
    ],
    ['a year alone', deliveryBody([alertBody({ startsAt: '2026' })]), 'alerts.0.startsAt', '"2026"', /RFC 3339/],
    ['a negative count', { ...valid, truncatedAlerts: -1 }, 'truncatedAlerts', '-1', /./],
    ['a list', [valid], 'body', 'a list', /object/],
    ['nothing at all', null, 'body', 'null', /object/],
  ])('%s', (_name, body, field, given, expected) => {
    const found = refusal(JSON.stringify(body));
    expect(found).toMatchObject({ field, given });
    expect(found?.expected).toMatch(expected);
  });

  it('text that is no JSON, shown short and without secrets', () => {
    const found = refusal(`Bearer abcdefghijklmnop ${'x'.repeat(500)}`);
    expect(found).toMatchObject({ field: 'body', expected: 'the JSON of an Alertmanager webhook' });
    expect(found?.given.length).toBeLessThan(50);
    expect(found?.given).not.toContain('abcdefghijklmnop');
  });

  it('a body nested a hundred thousand deep', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(refusal(deep)?.field).toBe('body');
    const inside = JSON.stringify(valid).replace('"alertname"', `"deep":${deep},"alertname"`);
    expect(refusal(inside)?.given).toBe('a list');
  });
});

describe('hostile bodies', () => {
  it('are answered, never thrown at, and never change what an object is', () => {
    const before = Object.getOwnPropertyNames(Object.prototype).join();
    const name = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'alerts', 'labels'), fc.string());
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue(),
        fc.array(tie('any')),
        fc.array(fc.tuple(name, tie('any'))).map(jsonObject),
      ),
    })).any;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...Object.keys(deliveryBody([])), '__proto__'), value)), (changes) => {
        const body = JSON.stringify(deliveryBody([alertBody()]));
        const payload = readPayload(changes.reduce((text, [key, part]) => replaced(text, key, part), body));
        expect(payload.ok || payload.refusal.field.length > 0).toBe(true);
      }),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.string(), (text) => !readPayload(text).ok),
      { numRuns: 200 },
    );
    expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
  });
});

/** Text of an object whose keys may be anything, also twice or `__proto__`. */
const jsonObject = (pairs: readonly (readonly [string, unknown])[]): unknown =>
  JSON.parse(`{${pairs.map(([key, part]) => `${JSON.stringify(key)}:${JSON.stringify(part)}`).join()}}`);
const replaced = (text: string, key: string, part: unknown): string =>
  `{${JSON.stringify(key)}:${JSON.stringify(part) ?? 'null'},${text.slice(1, -1)},${JSON.stringify(key)}:${JSON.stringify(part) ?? 'null'}}`;

const fixtures = process.env['EDGEWISE_FIXTURES'];
describe.skipIf(!fixtures)('recorded bodies (skipped unless EDGEWISE_FIXTURES names the folder of recordings)', () => {
  const folder = (path: string): readonly string[] =>
    fixtures === undefined
      ? []
      : readdirSync(join(fixtures, path))
          .filter((file) => /^(\d+|webhook-.*)\.json$|-(0|firing|webhook_test|payload)\.json/.test(file))
          .map((file) => join(fixtures, path, file));
  const unreadable: Readonly<Record<string, string>> = {
    'webhook-11-custom-payload.json': 'version',
    'matjaz99-0.json': 'alerts.0.fingerprint',
    'metalmatze-firing.json': 'alerts.0.fingerprint',
    'metalmatze-webhook_test.json': 'alerts.0.fingerprint',
  };
  const files = ['alertmanager-0.34', 'alerts/payloads/captured', 'alerts/payloads/public'].flatMap(folder);

  it.each(files)('%s is read, or refused for what it lacks', (file) => {
    const text = readFileSync(file, 'utf8');
    const payload = readPayload(text);
    const field = unreadable[file.split('/').at(-1) ?? ''];
    if (field !== undefined) expect(payload).toMatchObject({ ok: false, refusal: { field } });
    else {
      expect(payload).toMatchObject({ ok: true });
      const raw = JSON.parse(text);
      expect(payload.ok && payload.group.alerts.map(({ fingerprint }) => fingerprint)).toEqual(
        raw.alerts.map((alert: { fingerprint: string }) => alert.fingerprint),
      );
    }
  });

  it('an invalid body of the public is refused', () => {
    const text = readFileSync(join(fixtures ?? '', 'alerts/payloads/public/liamkelly-data-INVALID.json.txt'), 'utf8');
    expect(refusal(text)?.field).toBe('body');
  });
});
