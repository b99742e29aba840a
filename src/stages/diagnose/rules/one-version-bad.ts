import { firstCheck } from '../../../domain/command.ts';
import { conditional, type Trial } from '../../../domain/inference/elevated.ts';
import { classify } from '../../../domain/outcome.ts';
import { count, percent } from '../../../domain/words.ts';
import type { Rule } from '../rule.ts';
import { confidenceOf, hasErrors, named, outcomesOf, type Scene } from '../scene.ts';

/** Requests and failures by version, at the reporter that knows versions best: the caller's, since it sees what the callee could not count. */
const byVersion = (scene: Scene): ReadonlyMap<string, Trial> => {
  const found = new Map<string, Trial>();
  for (const reporter of ['caller', 'callee'] as const) {
    found.clear();
    for (const outcome of outcomesOf(scene, reporter)) {
      if (outcome.version === null) continue;
      const { n, x } = found.get(outcome.version) ?? { n: 0, x: 0 };
      const isBad = classify(outcome.code, outcome.grpcStatus, outcome.flags) === 'failed';
      found.set(outcome.version, { n: n + outcome.requests, x: x + (isBad ? outcome.requests : 0) });
    }
    if (found.size > 1) return found;
  }
  return found;
};

const ratio = ({ n, x }: Trial): number => (n > 0 ? x / n : 0);

/** One version fails at least three times as often as its siblings, by more than chance: the rollout is the suspect. */
export const oneVersionBad: Rule = {
  name: 'one-version-bad',
  find: (scene) => {
    if (!hasErrors(scene)) return null;
    const versions = [...byVersion(scene)]
      .filter(([, trial]) => trial.n >= 20)
      .sort(([a, left], [b, right]) => ratio(right) - ratio(left) || (a < b ? -1 : 1));
    const [worst, ...siblings] = versions;
    if (!worst || siblings.length === 0) return null;
    const [version, bad] = worst;
    const others = siblings.reduce<Trial>((sum, [, { n, x }]) => ({ n: sum.n + n, x: sum.x + x }), { n: 0, x: 0 });
    const isClear =
      bad.x >= 5 &&
      ratio(bad) >= 3 * Math.max(ratio(others), 0.002) &&
      conditional(bad, others) < 1e-3 &&
      bad.x >= (bad.x + others.x) / 2;
    if (!isClear) return null;
    const { callee, namespace } = scene;
    return {
      side: 'callee application',
      confidence: confidenceOf(scene, bad.x, bad.x + others.x),
      sentence: `Version ${version} of ${callee} is bad: ${percent(ratio(bad))} of its requests fail, against ${percent(ratio(others))} of the others`,
      evidence: [
        `${version}: ${count(bad.x)} of ${count(bad.n)} failed`,
        ...siblings.slice(0, 2).map(([name, { n, x }]) => `${name}: ${count(x)} of ${count(n)} failed`),
      ],
      firstCheck: firstCheck(
        `Roll back ${version} of ${callee}, or take its traffic away`,
        `Deployment ${named(namespace, scene.callee)}`,
        [namespace, callee],
        (ns, name) => `kubectl -n ${ns} rollout history deployment/${name}`,
      ),
      badEvents: bad.x,
      explains: [
        ...[
          'callee-errors',
          'slow-callee',
          'slow-dependency',
          'connection-failure',
          'upstream-timeout',
          'retry-exhausted',
          'cut-response',
        ],
        ...['protocol-error', 'duration-limit', 'outlier-ejection'],
      ],
    };
  },
};
