import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alertmanagerApi } from '../../../src/adapters/alertmanager/alerts-source.ts';
import type { HttpCall } from '../../../src/adapters/http/client.ts';
import { SourceError } from '../../../src/domain/gathered.ts';

const answering = (text: string, status = 200) => {
  const calls: HttpCall[] = [];
  const source = alertmanagerApi({
    name: 'Alertmanager',
    close: async () => undefined,
    request: async (call) => {
      calls.push(call);
      return { status, headers: {}, text };
    },
  });
  return { calls, active: () => source.active({ signal: AbortSignal.timeout(1000) }) };
};
const listed = (changes: object) =>
  JSON.stringify([{ fingerprint: 'f', startsAt: '2026-11-24T07:00:00Z', status: { state: 'active' }, ...changes }]);

describe("Alertmanager's API", () => {
  it('is asked for everything that lives, silenced and inhibited included', async () => {
    const { calls, active } = answering('[]');
    expect(await active()).toEqual([]);
    expect(calls[0]).toMatchObject({ path: 'api/v2/alerts' });
    expect(new Map(calls[0]?.query)).toEqual(
      new Map(['active', 'silenced', 'inhibited', 'unprocessed'].map((name) => [name, 'true'])),
    );
  });

  it('may leave out who silences', async () => {
    expect(await answering(listed({})).active()).toEqual([
      { fingerprint: 'f', labels: {}, startsAtMs: Date.UTC(2026, 10, 24, 7), state: 'active', silencedBy: [], inhibitedBy: [] },
    ]);
  });

  it.each([
    ['a web page', '<html>login</html>', 200, 'malformed'],
    ['another shape', '{"alerts":[]}', 200, 'malformed'],
    ['a time that is none', listed({ startsAt: 'yesterday' }), 200, 'malformed'],
    ['no entry', 'no', 401, 'refused'],
    ['the API v1 gone', '{}', 410, 'unsupported'],
    ['trouble', '', 500, 'unreachable'],
  ])('that answers with %s is a gap', async (_name, text, status, reason) => {
    const failed = answering(text, status).active();
    await expect(failed).rejects.toBeInstanceOf(SourceError);
    await expect(failed).rejects.toMatchObject({ source: 'Alertmanager', reason });
  });

  const fixtures = process.env['EDGEWISE_FIXTURES'];
  it.skipIf(!fixtures)('as recorded from 0.34 is read (skipped unless EDGEWISE_FIXTURES is set)', async () => {
    const text = readFileSync(join(fixtures ?? '', 'alertmanager-0.34/api-alerts-silenced.json'), 'utf8');
    const alerts = await answering(text).active();
    expect(alerts[0]).toEqual({
      fingerprint: '00dd4b3ef283bb43',
      labels: expect.objectContaining({ destination_workload: 'pay-v1', severity: 'critical' }),
      startsAtMs: Date.parse('2026-11-22T23:59:51.999Z'),
      state: 'suppressed',
      silencedBy: ['e85027d7-fc99-41a9-886a-a37c5f5eb6e1'],
      inhibitedBy: [],
    });
  });
});
