import { type Edge, edgeKey } from './edge.ts';
import type { EdgeReading, Outcome } from './signals.ts';

/** A bare connection: the mesh sees no requests in it, so it has no code (istio.io, "Istio Standard Metrics", For TCP traffic). */
export const isConnection = ({ code, protocol }: Pick<Outcome, 'code' | 'protocol'>): boolean =>
  code === '' && protocol === 'tcp';

/** Only connections are counted of this edge. */
export const isTcp = ({ caller, callee }: EdgeReading): boolean => {
  const outcomes = [caller, callee].flatMap((side) => side?.outcomes ?? []);
  return outcomes.length > 0 && outcomes.every(isConnection);
};

/** What is counted of an edge. */
export const nounOf = (reading: EdgeReading | undefined): 'request' | 'connection' =>
  reading !== undefined && isTcp(reading) ? 'connection' : 'request';

/** What is counted of this edge among the readings. */
export const nounAt = (readings: readonly EdgeReading[], at: Edge | undefined): 'request' | 'connection' =>
  nounOf(at && readings.find(({ edge }) => edgeKey(edge) === edgeKey(at)));
