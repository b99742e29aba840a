import { firstCheck } from '../../../domain/command.ts';
import { count, counted, share } from '../../../domain/words.ts';
import type { Rule } from '../rule.ts';
import { badAt, badWith, confidenceOf, hasErrors, hasFlag, isMost, named, proxyOf, requestsAt } from '../scene.ts';

/** UH: the cluster is known, but no endpoint can be used: none is ready, a subset matches no pod, or all were ejected. */
export const noHealthyUpstream: Rule = {
  name: 'no-healthy-upstream',
  find: (scene) => {
    const bad = badAt(scene, 'caller');
    const empty = badWith(scene, 'caller', hasFlag('UH'));
    if (!hasErrors(scene) || !isMost(empty, bad)) return null;
    const { callee, namespace, evidence } = scene;
    const counters = evidence.proxyCounters.ok ? evidence.proxyCounters.value : [];
    const ejected = counters.find(
      ({ name, now, before }) => name === 'outlier_detection_ejections_enforced_total' && now > before,
    );
    return {
      side: 'callee application',
      confidence: confidenceOf(scene, empty, bad),
      sentence: `No healthy endpoint of ${callee} is left: ${share(empty, requestsAt(scene, 'caller'))} had nowhere to go`,
      evidence: [
        `${counted(empty, 'request')} ended with UH at ${proxyOf(scene, 'caller')}`,
        ...(ejected ? [`outlier detection ejected ${count(ejected.now)} hosts`] : []),
        'either no pod is ready, a subset matches no pod, or outlier detection ejected them all',
      ],
      firstCheck: firstCheck(
        `See whether ${callee} has ready endpoints`,
        `Service ${named(namespace, callee)}`,
        [namespace, callee],
        (ns, name) => `kubectl -n ${ns} get endpointslices -l kubernetes.io/service-name=${name}`,
      ),
      badEvents: empty,
      explains: ['callee-errors', 'connection-failure'],
    };
  },
};
