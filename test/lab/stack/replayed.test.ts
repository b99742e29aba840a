import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../src/adapters/http/recording.ts';
import { exchangesWithin } from './replayed.ts';
import type { Kept } from './wire.ts';

const kept = (startedMs: number, path: string, body: string, query: [string, string][] = []): Kept => ({
  startedMs,
  endedMs: startedMs + 10,
  exchange: {
    source: path.startsWith('api/v1') ? 'Prometheus' : 'Zipkin',
    method: 'GET',
    path,
    query,
    form: [],
    status: 200,
    body,
  },
});
const bodies = (exchanges: readonly Exchange[]): readonly unknown[] => exchanges.map((one) => ('body' in one ? one.body : null));

describe('what belongs to a triage of the lab', () => {
  const before = [
    kept(1, 'api/v1/rules', 'old rules'),
    kept(2, 'api/v1/rules', 'rules'),
    kept(3, 'api/v2/services', 'services'),
    kept(4, 'api/v2/remoteServices', 'remotes of checkout', [['serviceName', 'checkout.shop']]),
    kept(5, 'api/v1/query', 'an earlier answer'),
    kept(6, 'api/v2/traces', 'earlier traces'),
  ];

  it('is what it asked, and the newest of what the bot still knew from before', () => {
    const own = [kept(100, 'api/v1/query', 'answer'), kept(150, 'api/v2/traces', 'traces')];
    const later = kept(300, 'api/v1/query', 'a later answer');
    expect(bodies(exchangesWithin([...before, ...own, later], 100, 200))).toEqual([
      'rules',
      'services',
      'remotes of checkout',
      'answer',
      'traces',
    ]);
  });

  it('is the newer answer where it asked again, whose names of another service are another question', () => {
    const again = [
      kept(100, 'api/v1/rules', 'new rules'),
      kept(101, 'api/v2/services', 'new services'),
      kept(102, 'api/v2/remoteServices', 'remotes of payments', [['serviceName', 'payments.shop']]),
    ];
    expect(bodies(exchangesWithin([...before, ...again], 100, 200))).toEqual([
      'remotes of checkout',
      'new rules',
      'new services',
      'remotes of payments',
    ]);
  });
});
