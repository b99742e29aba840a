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
