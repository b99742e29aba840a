import { allowedBad } from '../../../src/domain/slo/budget.ts';
import type { KnownStanding } from '../../../src/domain/slo/known.ts';
import { ppmOfPercent } from '../../../src/domain/slo/objective.ts';
import { periodAt } from '../../../src/domain/slo/window.ts';
import type { Slo } from '../../../src/domain/slo.ts';
import type { Story } from './story.ts';

const sloOf = (name: string, { service, percent }: Story['objectives'][string]): Slo => ({
  ...{ name, about: { kind: 'service', callee: { namespace: 'shop', workload: null, service } } },
  ...{ objectivePpm: ppmOfPercent(`${percent}`) ?? Number.NaN, window: { kind: 'rolling', days: 30 } },
  ...{ cluster: null, owner: null, channel: null, origin: { format: 'Edgewise', file: 'slos.yaml' } },
  sli: { kind: 'availability', bad: 'failed', reporter: 'source' },
});

/** How the objectives of a story stood when they were last read. */
export const standingsOf = ({ objectives }: Story, startMs: number): readonly KnownStanding[] =>
  Object.entries(objectives).map(([name, told]) => {
    const slo = sloOf(name, told);
    const atMs = startMs + told.read;
    const bad = (1 - told.left) * allowedBad(told.requests, slo.objectivePpm);
    return {
      ...{ slo, cluster: 'prod', atMs, period: periodAt(slo.window, atMs) },
      ...{ state: 'healthy', left: told.left, events: { total: told.requests, bad }, exhaustedAtMs: null },
    };
  });
