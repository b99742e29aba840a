import { byTunnels } from './dialects/ambient.ts';
import type { Dialect } from './domain/dialect.ts';
import type { Edge, Subject } from './domain/edge.ts';
import { edgeOf } from './domain/edge.ts';
import type { Gap } from './domain/gathered.ts';
import type { EdgeReading } from './domain/signals.ts';
import { gatherQueries, type QueryBudget } from './gather.ts';
import { type Cluster, type Found, gapsOf, rowsOf } from './inquiry.ts';
import { suspectWindows, type When } from './scan-mesh.ts';
import { behindNameless, failingCallers, isNameless, stillNameless } from './stages/locate/callers.ts';
import { planCallers } from './stages/measure/count-plan.ts';
import { readCounts } from './stages/measure/counts.ts';

/** What each way of looking counts: in an ambient mesh callers are known to waypoints, and to their own ztunnels. */
type Counted = { readonly sights: readonly (readonly EdgeReading[])[]; readonly gaps: readonly Gap[] };

const sightsOf = (dialect: Dialect): readonly Dialect[] =>
  dialect.name === 'ambient' ? [dialect, byTunnels(dialect)] : [dialect];

/** Every edge into the callee with its past, in one call; once more with windows that hold two scrapes a minute apart, where nothing is counted. */
const readCallers = async (
  { dialect, name, metrics }: Cluster,
  edge: Edge,
  when: When,
  budget: QueryBudget,
): Promise<Counted> => {
  const ask = async (leastSeconds: number): Promise<Counted> => {
    const plan = suspectWindows(when, leastSeconds);
    const answers = await gatherQueries(metrics, planCallers(sightsOf(dialect), edge, plan), budget);
    const rows = { range: rowsOf(answers, 'callers'), older: rowsOf(answers, 'callers-older'), base: [] };
    return { sights: sightsOf(dialect).map((sight) => readCounts(sight, name, rows, plan)), gaps: gapsOf(answers.values()) };
  };
  const short = await ask(60);
  const isCounted = short.sights.flat().some(({ caller, callee }) => caller !== null || callee !== null);
  return isCounted || short.gaps.length > 0 ? short : ask(150);
};

const about = (subject: Subject, edge: Edge): Subject =>
  subject.kind === 'workload' ? { ...subject, edge } : { kind: 'edge', edge };

/**
 * An alert whose caller is `unknown`: the callee's proxy could not tell its peer, as with plaintext, a handshake that fails or bare TCP. The
 * callers' own proxies know whom they call: who fails with this callee now is the one that is meant.
 */
export const withCaller = async (
  cluster: Cluster,
  { subject, located }: Pick<Found, 'subject' | 'located'>,
  when: When,
  budget: QueryBudget,
): Promise<Pick<Found, 'subject' | 'located' | 'gaps'>> => {
  const edge = edgeOf(subject);
  if (edge === null || !isNameless(edge) || cluster.dialect.name === 'linkerd') return { subject, located, gaps: [] };
  const { sights, gaps } = await readCallers(cluster, edge, when, budget);
  if (gaps.length > 0) return { subject, located, gaps };
  const [suspects = []] = sights.map((readings) => failingCallers(edge, readings)).filter((some) => some.length > 0);
  const found = behindNameless(suspects, located);
  return found === null
    ? { subject, located: stillNameless(located), gaps: [] }
    : { subject: about(subject, found.edge), located: found.located, gaps: [] };
};
