import { describe, expect, it } from 'vitest';
import type { Exchange, Question } from '../../../src/adapters/http/recording.ts';
import { isFurtherRound } from '../../../src/adapters/traces/further-round.ts';

const ask = (path: string, query: Readonly<Record<string, string>>, source = 'Zipkin'): Question => ({
  source,
  method: 'GET',
  path,
  query: Object.entries(query),
  form: [],
});
const told = (question: Question): Exchange => ({ ...question, status: 200, body: '[]' });

describe('a question that a replay asks beyond what was recorded', () => {
  const recorded = [told(ask('api/v2/traces', { serviceName: 'checkout', endTs: '9', limit: '40' }))];

  it.each<[string, Question]>([
    ['asks for longer calls', ask('api/v2/traces', { serviceName: 'checkout', endTs: '9', limit: '80', minDuration: '5' })],
    ['asks whom the service calls, before the next round', ask('api/v2/remoteServices', { serviceName: 'checkout' })],
  ])('is one of a further round where it %s', (_, asked) => expect(isFurtherRound(asked, recorded)).toBe(true));

  it.each<[string, Question]>([
    ['is about another service', ask('api/v2/traces', { serviceName: 'payments', endTs: '9', limit: '40' })],
    ['is about another time', ask('api/v2/traces', { serviceName: 'checkout', endTs: '10', limit: '40' })],
    ['is for another store', ask('api/v2/remoteServices', { serviceName: 'checkout' }, 'Zipkin eu')],
    ['has no names', ask('api/v2/services', {})],
  ])('is missing where it %s', (_, asked) => expect(isFurtherRound(asked, recorded)).toBe(false));
});
