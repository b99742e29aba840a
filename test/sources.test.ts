import { describe, expect, it } from 'vitest';
import { labelsOf } from '../src/domain/alert.ts';
import { SourceError } from '../src/domain/gathered.ts';
import { clusterNamed, clusterOfAlert, type Sources } from '../src/sources.ts';

const sourcesOf = (...names: readonly string[]): readonly Sources[] =>
  names.map((name) => ({
    cluster: { ...clusterNamed([], name) },
    match: `${name}-label`,
    alerts: null,
    aboutMetrics: async () => ({ version: null, hasExemplarStorage: null, aheadSeconds: null }),
    aboutAlertmanager: null,
    close: async () => undefined,
  }));

const cluster = (value: string) => ({ labels: labelsOf([['cluster', value]]) });

describe('the cluster of an alert', () => {
  const one = clusterOfAlert({ clusterLabel: 'cluster' }, sourcesOf('blue'));
  const two = clusterOfAlert({ clusterLabel: 'cluster' }, sourcesOf('blue', 'green'));

  it('is the one that its label names', () => expect(two(cluster('green-label'))).toBe('green'));
  it('is the first of several where it has no label', () => expect(two({ labels: labelsOf([]) })).toBe('blue'));
  it('is the only one configured, whatever its label says', () => expect(one(cluster('prod'))).toBe('blue'));
  it('is its own where it names none of several, and nobody else answers for it', async () => {
    const name = two(cluster('red'));
    expect(name).toBe('red');
    const asked = clusterNamed(sourcesOf('blue', 'green'), name).metrics.instant('up', 0, {
      signal: new AbortController().signal,
    });
    await expect(asked).rejects.toEqual(new SourceError('Prometheus', 'absent', 'is not configured for cluster red'));
  });
});
