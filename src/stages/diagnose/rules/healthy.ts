import { labelOf } from '../../../domain/alert.ts';
import type { Evidence } from '../../../domain/evidence.ts';
import { nounOf } from '../../../domain/tcp.ts';
import { counted, percent } from '../../../domain/words.ts';
import type { Rule } from '../rule.ts';
import { isHalved } from '../traffic.ts';

/** A slow edge that was always slow is not well: only of failures is it known how many are none. */
const isAboutTime = ({ rule, alerts }: Evidence): boolean =>
  [rule?.expression ?? '', ...alerts.map(({ labels }) => labelOf(labels, 'alertname') ?? '')].some((text) =>
    /duration|latency|slow/i.test(text),
  );

/** Whoever asks where the traffic is must not be told that nothing has changed while it falls. */
const isAboutTraffic = ({ alerts }: Evidence): boolean =>
  alerts.some(({ labels }) => /traffic|vanish|rate.*low|no.?requests/i.test(labelOf(labels, 'alertname') ?? ''));

/** Enough requests, a past to compare with, and nothing beyond it. */
export const healthy: Rule = {
  name: 'healthy',
  readsConnections: true,
  find: ({ top, evidence, caller, callee }) => {
    const side = top.caller ?? top.callee;
    if (side === null || top.isSick || !side.errors.hasPast || side.errors.n < 30 || side.traffic === 'vanished') return null;
    if (isAboutTraffic(evidence) && isHalved(top)) return null;
    if (evidence.path.length > 1 || evidence.gaps.length > 0) return null;
    if (side.clientErrors.isElevated) return null;
    // Over the line its own past does not support it; of a few failures nobody can tell (the sentence without a verdict says so).
    if (side.errors.x > 0 && side.errors.ratio >= side.errors.line) return null;
    return {
      side: 'nothing wrong',
      confidence: 'possible',
      sentence: `${side.errors.ratio >= 0.01 || isAboutTime(evidence) ? 'Nothing has changed' : 'Nothing is wrong'} between ${caller} and ${callee} now: ${percent(side.errors.ratio)} of ${counted(side.errors.n, nounOf(top.reading))} failed, within what this edge does`,
      evidence: [
        `it would count as sick from ${percent(side.errors.line)}`,
        ...(side.latency === null || side.latency.isElevated ? [] : ['latency is within its own past too']),
      ],
      firstCheck: {
        sentence: 'Look at the alert rule: its threshold may be lower than the usual values of this edge',
        command: null,
        object: null,
      },
      badEvents: 0,
      explains: [],
    };
  },
};
