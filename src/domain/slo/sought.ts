import { calleeName, callerName, type EdgeEnd } from '../edge.ts';
import { nearOf } from '../near.ts';
import type { Slo } from '../slo.ts';

/** A name as people say it: `payments`, `shop/payments`. */
type Named = { readonly namespace: string | null; readonly name: string };

/** What objectives are asked for: by name, of a service, or of an edge; all where nothing is said. */
type SoughtSlos = { readonly what: string | null; readonly from: Named | null; readonly to: Named | null };

const isEnd = ({ namespace, name }: Named, names: readonly (string | null)[], end: EdgeEnd): boolean =>
  names.includes(name) && (namespace === null || end.namespace === null || end.namespace === namespace);

const isAbout = ({ about }: Slo, { from, to }: SoughtSlos): boolean => {
  if (to === null) return false;
  if (about.kind === 'named') return from === null && about.service === to.name;
  if (about.kind === 'service') return from === null && isEnd(to, [about.callee.service, about.callee.workload], about.callee);
  const { source, destination } = about.edge;
  const isCallee = isEnd(to, [calleeName(about.edge), destination.workload], destination);
  return isCallee && (from === null || isEnd(from, [callerName(about.edge)], source));
};

/** The objectives that are meant: one of that very name before those about a service of that name. */
export const slosSought = (slos: readonly Slo[], sought: SoughtSlos): readonly Slo[] => {
  const { what } = sought;
  if (what === null) return slos;
  const named = slos.filter(({ name }) => name.toLowerCase() === what.toLowerCase());
  return named.length > 0 ? named : slos.filter((slo) => isAbout(slo, sought));
};

/** Names that somebody may have meant. */
export const namesNear = (slos: readonly Slo[], what: string): readonly string[] =>
  nearOf(
    what.toLowerCase(),
    slos.map(({ name }) => name),
  ).slice(0, 3);
