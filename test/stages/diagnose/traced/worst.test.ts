import { describe, expect, it } from 'vitest';
import type { Edge } from '../../../../src/domain/edge.ts';
import { sceneOf } from '../../../../src/stages/diagnose/scene.ts';
import { worstOf } from '../../../../src/stages/diagnose/traced/worst.ts';
import { edgeNamed, reportOf } from '../../../support/report.ts';
import { drawn } from '../../../support/traces.ts';
import { tracingOf } from '../../../support/worst-trace.ts';

const edge = edgeNamed();
const trace = drawn(`
  checkout {client, peer=payments}  [====]
    payments {server}                [==]`);
const nowhere: Edge = { ...edgeNamed('payments-v1'), destination: { namespace: null, workload: null, service: null } };

const worstAt = (path: readonly Edge[], tracing = tracingOf(trace)) => {
  const scene = sceneOf(reportOf(edge, [], { path, tracing }).evidence);
  return scene === null ? null : worstOf(scene);
};

describe('the worst trace', () => {
  it('is there with the span that everything is measured against', () => {
    expect(worstAt([edge])?.focus).toMatchObject({ service: 'checkout', kind: 'client' });
  });

  it('tells nothing of a call that no destination was chosen for: every span would be of its callee', () => {
    expect(worstAt([edge, nowhere])).toBeNull();
  });

  it.each([
    ['was not found', tracingOf(null)],
    [
      'could not be asked for',
      { ok: false, gap: { what: 'worst trace', source: 'Tempo', reason: 'timeout', detail: '' } } as const,
    ],
  ])('%s: null', (_, tracing) => {
    expect(worstAt([edge], tracing)).toBeNull();
  });
});
