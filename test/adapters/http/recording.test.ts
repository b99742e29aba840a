import { describe, expect, it } from 'vitest';
import type { HttpAnswer, HttpCall, HttpSource } from '../../../src/adapters/http/client.ts';
import { type Exchange, recordingSource, replayedSource } from '../../../src/adapters/http/recording.ts';
import { SourceError } from '../../../src/domain/gathered.ts';

const signal = new AbortController().signal;
const query = (promql: string): HttpCall => ({ method: 'POST', path: 'api/v1/query', form: [['query', promql]], signal });

const sourceOf = (answers: readonly (string | Error)[]): HttpSource => {
  const left = [...answers];
  return {
    name: 'Prometheus',
    request: async (): Promise<HttpAnswer> => {
      const next = left.shift() ?? 'nothing left';
      if (next instanceof Error) throw next;
      return { status: 200, headers: { 'set-cookie': 'session=secret' }, text: next };
    },
    close: async () => undefined,
  };
};

const recorded = async (answers: readonly (string | Error)[], calls: readonly HttpCall[]): Promise<readonly Exchange[]> => {
  const kept: Exchange[] = [];
  const source = recordingSource(sourceOf(answers), (exchange) => kept.push(exchange));
  for (const call of calls) await source.request(call).catch(() => undefined);
  return kept;
};

const textsOf = async (source: HttpSource, calls: readonly HttpCall[]): Promise<readonly string[]> => {
  const texts: string[] = [];
  for (const call of calls) texts.push((await source.request(call)).text);
  return texts;
};

describe('a recorded source', () => {
  it('answers the same question the same way again', async () => {
    const kept = await recorded(['one', 'two'], [query('up'), query('down')]);
    expect(await textsOf(replayedSource('Prometheus', kept), [query('down'), query('up')])).toEqual(['two', 'one']);
  });

  it('gives a question that was asked twice its answers in turn, and the last one from then on', async () => {
    const kept = await recorded(['one', 'two'], [query('up'), query('up')]);
    const texts = await textsOf(replayedSource('Prometheus', kept), [query('up'), query('up'), query('up')]);
    expect(texts).toEqual(['one', 'two', 'two']);
  });

  it('gives them in turn however many there are', async () => {
    const [one] = await recorded(['one'], [query('up')]);
    if (one === undefined) expect.unreachable();
    const many = Array.from({ length: 200_000 }, (_, index) => ({ ...one, status: 200, body: String(index) }));
    expect(await textsOf(replayedSource('Prometheus', many), [query('up'), query('up')])).toEqual(['0', '1']);
  });

  it.each([
    ['another query', query('down')],
    ['another moment', { ...query('up'), form: [...(query('up').form ?? []), ['time', '1']] } as HttpCall],
    ['another path', { ...query('up'), path: 'api/v1/query_range' }],
    ['another method', { ...query('up'), method: 'GET' } as HttpCall],
    ['another body', { ...query('up'), json: { a: 1 } }],
  ])('has no answer to %s, and names what was asked', async (_name, call) => {
    const source = replayedSource('Prometheus', await recorded(['one'], [query('up')]));
    await expect(source.request(call)).rejects.toMatchObject({
      source: 'Prometheus',
      reason: 'absent',
      message: expect.stringMatching(/^not in the recording: api\/v1\/query(_range)?: (up|down)$/),
    });
  });

  it('answers for no other source', async () => {
    const source = replayedSource('Alert rules', await recorded(['one'], [query('up')]));
    await expect(source.request(query('up'))).rejects.toThrow('not in the recording');
  });

  it.each([
    new SourceError('Prometheus', 'timeout', 'did not answer in 10.0 s'),
    new SourceError('Prometheus', 'unreachable', 'refused the connection'),
  ])('fails as it failed: $message', async (failure) => {
    const source = replayedSource('Prometheus', await recorded([failure], [query('up')]));
    await expect(source.request(query('up'))).rejects.toEqual(failure);
  });

  it('keeps no header, neither of the question nor of the answer', async () => {
    const kept = await recorded(['one'], [{ ...query('up'), headers: { authorization: 'Bearer secret' } }]);
    expect(JSON.stringify(kept)).not.toContain('secret');
  });
});
