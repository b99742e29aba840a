import { printsFlags } from '../../../domain/mesh.ts';
import { count, percent } from '../../../domain/words.ts';
import { attempts, multiplied } from '../attempts.ts';
import { rose } from '../counters.ts';
import { routeKinds, settings } from '../look.ts';
import type { Rule } from '../rule.ts';
import { named, proxyOf } from '../scene.ts';
import { toldOfTries } from '../traced/tries.ts';

/** What fails is the cause and stands first; this is what makes it worse. */
export const retryStorm: Rule = {
  name: 'retry-storm',
  find: (scene) => {
    const { caller: above, callee: below } = scene.judged.reading;
    const found = multiplied(scene);
    if (found === null || above === null || below === null) return null;
    const [asked, got] = [above.counts.now, below.counts.now];
    const { caller, callee, namespace, evidence } = scene;
    const isEnvoy = printsFlags(evidence.mesh);
    const retried = rose(scene, 'caller', 'upstream_rq_retry');
    return {
      side: 'callee application',
      confidence: 'possible',
      sentence: `${callee} fails ${percent(got.failed / got.requests)} of what it gets, and retries multiply it: ${attempts(found.now)} attempts for each request of ${caller}, usually ${attempts(found.usual)}`,
      evidence: [
        `${count(got.requests)} attempts at the callee for ${count(asked.requests)} requests at the caller`,
        `${percent(asked.failed / asked.requests)} still failed after the last attempt`,
        ...(retried > 0 ? [`${proxyOf(scene, 'caller')} tried ${count(retried)} times again (upstream_rq_retry)`] : []),
      ],
      firstCheck: settings(
        `Mend ${callee} first; meanwhile allow fewer attempts to it, or a retry budget`,
        `${isEnvoy ? 'VirtualService' : 'HTTPRoute'} ${named(namespace, callee)}`,
        namespace,
        isEnvoy ? `${routeKinds(scene)},destinationrules` : 'httproutes,serviceprofiles',
      ),
      badEvents: 0,
      explains: [],
    };
  },
  told: toldOfTries,
};
