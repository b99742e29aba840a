import { edgeOf } from '../domain/edge.ts';
import type { Evidence } from '../domain/evidence.ts';
import { touchedBudgets } from '../domain/slo/cost.ts';
import type { KnownStanding } from '../domain/slo/known.ts';
import { gather } from '../gather.ts';
import type { EpisodeWorld } from './world.ts';

/** The store is asked for a line of the message that can do without. */
const patienceMs = 500;

/** How objectives stood when they were last read; none where the store does not say in time. Never rejects, and asks no source. */
export const standingsKnown = async ({ store }: Pick<EpisodeWorld, 'store'>): Promise<readonly KnownStanding[]> => {
  const known = await gather('how objectives stand', 'the store', patienceMs, () => store.standings.all());
  return known.ok ? known.value : [];
};

/** The evidence with the error budgets that the failures of its edge are spent from. */
export const withBudgets = (evidence: Evidence, standings: readonly KnownStanding[]): Evidence => {
  const edge = edgeOf(evidence.subject);
  const budgets = edge === null ? [] : touchedBudgets(standings, evidence.cluster, edge, evidence.atMs);
  return budgets.length === 0 ? evidence : { ...evidence, budgets };
};
