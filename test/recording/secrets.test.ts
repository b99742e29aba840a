import { describe, expect, it } from 'vitest';
import { renamedRecording } from '../../src/recording/pseudonyms/rename.ts';
import { withoutSecrets } from '../../src/recording/secrets.ts';
import type { Recording } from '../../src/recording/shape.ts';

const recordingWith = (delivery: unknown, body = '{}'): Recording => ({
  version: 1,
  atMs: 0,
  cluster: {
    name: 'prod',
    mesh: 'istio',
    isOneOfSeveral: false,
    querySeconds: 10,
    renames: { metrics: {}, labels: {} },
    pinned: [],
    traces: null,
  },
  delivery,
  exchanges: [
    { source: 'Prometheus', method: 'POST', path: 'api/v1/query', query: [], form: [], status: 200, body },
    {
      source: 'Prometheus (prod)',
      method: 'POST',
      path: 'api/v1/query',
      query: [],
      form: [],
      failure: { reason: 'unreachable', detail: 'prod refused the connection' },
    },
  ],
});

const cleaned = (text: string, secrets: readonly string[] = []): unknown =>
  withoutSecrets(recordingWith([text]), secrets).delivery;

describe('a recording', () => {
  it.each([
    ['a user and a password', 'https://jane:hunter2@host/x', 'https://***@host/x'],
    ['a password with an @', 'https://jane:hun@ter2@host/x', 'https://***@host/x'],
    ['a token for a user', 'https://glpat-123@host/x', 'https://***@host/x'],
    ['an encoded address', 'a=https%3A%2F%2Fjane%3Ahunter2%40host%2Fx', 'a=https%3A%2F%2F***%40host%2Fx'],
    ['a token in the query', 'https://host/x?a=1&access_token=abc&b=2', 'https://host/x?a=1&access_token=***&b=2'],
    ['a signature', 'https://host/x?X-Amz-Signature=abc', 'https://host/x?X-Amz-Signature=***'],
    ['none: an e-mail address', 'https://host/x?to=jane@host jane@host', 'https://host/x?to=jane@host jane@host'],
  ])('holds no secret of an address: %s', (_what, text, expected) => {
    expect(cleaned(text)).toEqual([expected]);
  });

  it('holds no secret of ours, whatever quotes it, nor the rest of a longer one', () => {
    const secret = 'a"secret\\with marks';
    expect(cleaned(`x ${secret} ${encodeURIComponent(secret)} y`, [secret])).toEqual(['x *** *** y']);
    expect(cleaned('secret-token-and-more', ['secret-token', 'secret-token-and-more'])).toEqual(['***']);
  });

  it('holds no short secret either, but keeps the words and numbers that one may look like', () => {
    expect(cleaned('pw s3cr-t? s3cr-tx', ['s3cr-t'])).toEqual(['pw ***? s3cr-tx']);
    expect(cleaned('mesh 8080', ['mesh', '8080'])).toEqual(['mesh 8080']);
    const [first] = withoutSecrets(recordingWith([], '{"a":12345678,"b":"12345678"}'), ['12345678']).exchanges;
    expect(first).toMatchObject({ body: '{"a":12345678,"b":"***"}' });
  });

  it.each([
    ['Authorization: Bearer abcdef', 'Authorization: Bearer ***'],
    ['"authorization":"Basic YTpi"', '"authorization":"Basic ***"'],
    ['sent bearer a1b2c3d4e5', 'sent bearer ***'],
    ['X-Scope-OrgID: team-a', 'X-Scope-OrgID: ***'],
    ['set-cookie: session=abc; path=/', 'set-cookie: *** path=/'],
    ['u=https%3A%2F%2Fh%2F%3Ftoken%3Dabc%26b%3D1', 'u=https%3A%2F%2Fh%2F%3Ftoken%3D***%26b%3D1'],
    ['https://hooks.slack.com/services/T0/B0/abc x', 'https://hooks.slack.com/services/*** x'],
    ['Basic authentication is asked for by orders', 'Basic authentication is asked for by orders'],
  ])('holds nothing that is a secret by its place: %s', (text, expected) => expect(cleaned(text)).toEqual([expected]));

  it('names no tenant in a refusal', () => {
    const { exchanges } = recordingWith([], '{"error":"per-user limit (user: team-a, team-a/orders)"}');
    const refused = exchanges.map((exchange) => ('body' in exchange ? { ...exchange, status: 422 } : exchange));
    const [first] = withoutSecrets({ ...recordingWith([]), exchanges: refused }, [], ['team-a']).exchanges;
    expect(first).toMatchObject({ body: '{"error":"per-user limit (user: ***, team-a/orders)"}' });
  });

  it('holds none of an answer in which & is escaped', () => {
    const body = '{"a":"https://host/x?a=1\\u0026token=abc\\u0026b=2"}';
    const [first] = withoutSecrets(recordingWith([], body), []).exchanges;
    expect(first).toMatchObject({ body: '{"a":"https://host/x?a=1\\u0026token=***\\u0026b=2"}' });
  });

  it('is renamed in the words of its failures too, and what is deeper than any answer is removed', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const { exchanges } = renamedRecording(recordingWith([], deep), (text) => text.replaceAll('prod', 'other'));
    expect(exchanges).toMatchObject([{ body: 'removed' }, { failure: { detail: 'other refused the connection' } }]);
  });
});
