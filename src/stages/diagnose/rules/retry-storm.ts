import { printsFlags } from '../../../domain/mesh.ts';
import type { Counts, Windows } from '../../../domain/signals.ts';
import { count, percent } from '../../../domain/words.ts';
import { rose } from '../counters.ts';
import { routeKinds, settings } from '../look.ts';
import type { Rule } from '../rule.ts';
import { hasErrors, named, proxyOf } from '../scene.ts';

const sum = (counts: readonly Counts[]): number => counts.reduce((all, { requests }) => all + requests, 0);
const mean = (counts: readonly Counts[]): number => (counts.length === 0 ? 0 : sum(counts) / counts.length);
const attempts = (value: number): string => String(Number(value.toFixed(1)));

/** Attempts that the callee counted for each request of the caller: now, usually, and in the worse half of now. */
const multiples = (caller: Windows<Counts>, callee: Windows<Counts>) => ({
  now: callee.now.requests / Math.max(1, caller.now.requests),
  usual: caller.local.length < 3 || mean(caller.local) <= 0 ? null : mean(callee.local) / mean(caller.local),
  least: Math.min(
    ...[0, 1].map((half) => {
      const [above, below] = [caller.halves?.[half], callee.halves?.[half]];
      return above && below && above.requests > 0 ? below.requests / above.requests : Number.POSITIVE_INFINITY;
    }),
  ),
});

/**
 * The callee counts every attempt, its caller one request (envoyproxy.io, "Router", x-envoy-max-retries): while it fails, retries multiply
 * its load. What fails is the cause and stands first; this is what makes it worse.
 */
export const retryStorm: Rule = {
  name: 'retry-storm',
  find: (scene) => {
    const { caller: above, callee: below } = scene.judged.reading;
    if (above === null || below === null || !hasErrors(scene)) return null;
    const [asked, got] = [above.counts.now, below.counts.now];
    const { now, usual, least } = multiples(above.counts, below.counts);
    if (usual === null || asked.requests < 20 || now < 1.5 || now < 1.3 * usual || least < 1.3) return null;
    const extra = got.requests - asked.requests * Math.max(1, usual);
    // Only what fails is tried again.
    if (extra < 20 || got.failed < extra / 2) return null;
    const { caller, callee, namespace, evidence } = scene;
    const isEnvoy = printsFlags(evidence.mesh);
    const retried = rose(scene, 'caller', 'upstream_rq_retry');
    return {
      side: 'callee application',
      confidence: 'possible',
      sentence: `${callee} fails ${percent(got.failed / got.requests)} of what it gets, and retries multiply it: ${attempts(now)} attempts for each request of ${caller}, usually ${attempts(usual)}`,
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
};
