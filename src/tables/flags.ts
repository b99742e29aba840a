import { failedMeans } from '../domain/mesh.ts';
import { flagMeaning } from '../domain/response-flag.ts';
import { statusText } from '../domain/span-status.ts';
import { count, percent } from '../domain/words.ts';
import { isBusy } from '../find-edges.ts';
import { type Ending, readEndings } from '../stages/measure/endings.ts';
import type { Asked, Filled } from './filled.ts';

const outcomeWords: Readonly<Record<Ending['outcome'], string>> = {
  failed: 'failed',
  refused: 'refused',
  'client-error': 'client error',
  'client-left': 'client left',
  ok: 'answered',
};

const meaningOf = ({ flags, code }: Ending): string =>
  flags.length > 0 ? flags.map(flagMeaning).join('; ') : code === '' ? 'no flag' : 'answered by the application';

const statusOf = ({ code, grpcStatus, flags }: Ending): string =>
  statusText({
    attributes: {
      ...(code === '' ? {} : { 'http.status_code': code }),
      ...(grpcStatus === null ? {} : { 'grpc.status_code': grpcStatus }),
    },
    flags,
  }) || '–';

/** How requests ended that did not end well, and what that means. */
export const flags = ({ found: { cluster, edges, counts, gaps } }: Asked): Filled => {
  const endings = readEndings(cluster.dialect, cluster.name, counts);
  return {
    // A phone shows the first few, and what a flag means is why somebody looks.
    columns: ['Status', 'Means', 'Share', 'At caller', 'At callee', 'Outcome'],
    figures: [2, 3, 4],
    wrapped: [1],
    rows: endings.map((one) => ({
      edge: one.edge,
      cells: [
        ...[statusOf(one), meaningOf(one), percent(one.share)],
        ...[one.atCaller, one.atCallee].map((requests) => (requests < 0.5 ? '–' : count(requests))),
        outcomeWords[one.outcome],
      ],
    })),
    none: edges.some(isBusy) ? 'every request was answered well, without a response flag,' : 'no edge with requests',
    facts: ['both ends count the same requests', failedMeans(cluster.dialect.name)],
    gaps,
    spoken: ({ cells: [status, means, , atCaller, atCallee] }) =>
      `${atCaller === '–' ? atCallee : atCaller} × ${status}, ${means}`,
  };
};
