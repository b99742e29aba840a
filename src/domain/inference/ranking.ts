/** Where badness is made, by flow conservation; and how sure the name of the culprit is. */

/** Excess of one edge at both reporters: failures (or seconds) beyond its own past. Only edges that passed the tests may have any. */
type Excess = {
  readonly caller: string;
  readonly callee: string;
  readonly atCaller: number;
  /** Null when the callee has no reporter of its own: "the callee or the way to it". */
  readonly atCallee: number | null;
};

/** What each edge adds itself: lost on the way (caller − callee), and the callee's own, shared over its in-edges by inflow. Same order as given. */
export const selfMade = (edges: readonly Excess[]): readonly number[] => {
  const arrived = edges.map(({ atCaller, atCallee }) => Math.max(0, atCallee ?? atCaller));
  const sumWhere = (values: readonly number[], isMine: (edge: Excess) => boolean): number =>
    edges.reduce((sum, edge, index) => (isMine(edge) ? sum + (values[index] ?? 0) : sum), 0);
  const left = edges.map(({ atCaller }) => Math.max(0, atCaller));
  return edges.map(({ callee, atCallee }, index) => {
    const onTheWay = atCallee === null ? 0 : Math.max(0, (left[index] ?? 0) - Math.max(0, atCallee));
    const into = sumWhere(arrived, (edge) => edge.callee === callee);
    const passedOn = sumWhere(left, (edge) => edge.caller === callee);
    return onTheWay + (into > 0 ? (Math.max(0, into - passedOn) * (arrived[index] ?? 0)) / into : 0);
  });
};

/** The word of confidence from the share of the named callee in all bad events, their number, and whether walk and largest agree. */
export const word = (share: number, events: number, agree: boolean): 'certain' | 'likely' | 'possible' | null => {
  if (events < 10) return null;
  if (agree && share >= 0.6 && events >= 100) return 'certain';
  if (agree && ((share >= 0.6 && events >= 30) || (share >= 0.4 && events >= 100))) return 'likely';
  return 'possible';
};
