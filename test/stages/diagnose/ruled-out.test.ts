import { describe, expect, it } from 'vitest';
import type { Edge } from '../../../src/domain/edge.ts';
import { got } from '../../../src/domain/gathered.ts';
import { readingWith, saidOf } from '../../support/edges.ts';
import { edgeNamed } from '../../support/report.ts';
import { diagnosed, readingAt } from './flags.ts';

const nowhere: Edge = { ...edgeNamed(), destination: { namespace: null, workload: null, service: null } };

describe('what is ruled out', () => {
  it.each([
    ['a timeout', '504 -', '504 UT', 'no timeouts (UT)'],
    ['a missing endpoint', '503 -', '503 UH', 'no missing endpoints (UH)'],
    ['a missing route', '404 -', '404 NR', 'no missing routes (NR, NC)'],
  ])('is not %s that the callee’s own proxy shows', (_, caller, callee, text) => {
    expect(diagnosed({ caller, callee }).ruledOut).not.toContain(text);
    expect(diagnosed({ caller: '500 -', callee: '500 -' }).ruledOut).toContain(text);
  });

  it('is not a connection failure that the callee’s own proxy shows', () => {
    const fine = { now: [[2100], [900, '503']] } as const;
    const refused = readingWith(edgeNamed(), { caller: fine, callee: { now: [[2100], [900, '503', 'UF']] } });
    expect(saidOf([refused]).ruledOut).not.toContain('no connection failures (UF, UC, UR)');
  });

  it('is not a missing route that is found beside the edge', () => {
    const gone = { now: [[20]], usual: 3000 } as const;
    const lost = readingWith(edgeNamed(), { caller: gone, callee: gone });
    const { verdict, ruledOut } = saidOf([lost, readingAt(nowhere, { caller: '404 NR', callee: 'none', share: 1, isNew: true })]);
    expect(verdict?.rule).toBe('no-route');
    expect(ruledOut).not.toContain('no missing routes (NR, NC)');
  });

  it('is no timeout where a limit of time without a flag is the verdict', () => {
    const { verdict, ruledOut } = diagnosed({
      caller: '504 -',
      callee: '0 DC',
      moved: ['caller/http_downstream_rq_max_duration_reached'],
    });
    expect(verdict?.rule).toBe('proxy-answered');
    expect(ruledOut).not.toContain('no timeouts (UT)');
  });

  it('is nothing that flags would tell, in a mesh that prints none', () => {
    const failing = { now: [[2100], [900, '500']] } as const;
    const { ruledOut } = saidOf([readingWith(edgeNamed(), { caller: failing, callee: failing })], {
      mesh: 'linkerd',
      proxyCounters: got([]),
    });
    expect(ruledOut).toEqual([]);
  });
});
