import { around, type Chosen, chosenOf } from '../../src/domain/graph/chosen.ts';
import type { Arrow } from '../../src/domain/graph.ts';
import { arrowsOf } from '../../src/domain/graph.ts';

/** One edge of a mesh: who calls whom, how often a second, which share fails, how long most take. */
export type Call = {
  readonly from: string;
  readonly to: string;
  readonly perSecond?: number;
  readonly failing?: number;
  readonly seconds?: number;
};

const windowSeconds = 300;

export const countedCall = ({ from, to, perSecond = 20, failing = 0, seconds = 0.2 }: Call) => {
  const requests = perSecond * windowSeconds;
  return {
    edge: {
      cluster: 'demo',
      source: { namespace: 'shop', workload: from, service: null },
      destination: { namespace: 'shop', workload: `${to}-v1`, service: to },
    },
    noun: 'request' as const,
    counts: { requests, failed: failing * requests, refused: 0, clientLeft: 0, clientError: 0 },
    latency: { boundsSeconds: [seconds, 2 * seconds], counts: [requests, 0, 0] },
  };
};

export const arrowsBetween = (calls: readonly Call[]): readonly Arrow[] => arrowsOf(calls.map(countedCall));

const keyOf = (name: string): string => JSON.stringify(['shop', name]);

/** What is drawn of these calls: around who is named, else of all. */
export const drawnOf = (calls: readonly Call[], name: string | null = null): Chosen => {
  const arrows = arrowsBetween(calls);
  if (name === null) return chosenOf(arrows, []);
  const node = { key: keyOf(name), namespace: 'shop', name };
  return chosenOf(around(arrows, { callers: [node.key], callees: [node.key] }), [node]);
};

/** "checkout → payments" of each arrow, the worst first. */
export const titles = ({ arrows }: Chosen): readonly string[] => arrows.map(({ from, to }) => `${from.name} → ${to.name}`);
