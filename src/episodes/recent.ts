import type { Alert } from '../domain/alert.ts';
import type { Evidence } from '../domain/evidence.ts';
import type { Gap } from '../domain/gathered.ts';
import type { EpochMs } from '../domain/time.ts';
import { follow } from '../follow-trace.ts';
import type { Cluster, Found } from '../inquiry.ts';
import { measure } from '../triage.ts';

/** No scrape is younger than this in most installations: what was measured so recently would be measured the same again. */
const recentMs = 10_000;
const mostKept = 100;

export type RecentEvidence = {
  /** Measures what was found about a subject, or gives what was measured a moment ago. */
  readonly measured: (
    cluster: Cluster,
    subjectKey: string,
    found: Found,
    alerts: readonly Alert[],
    atMs: EpochMs,
  ) => Promise<Evidence>;
  /** The same evidence with what traces tell: followed once for all that was measured together. */
  readonly followed: (cluster: Cluster, evidence: Evidence) => Promise<Evidence>;
};

type Followed = Promise<Pick<Evidence, 'tracing' | 'gaps'>>;

/** Evidence of the last seconds by subject: forty alerts on one edge cost the calls of one, in however many deliveries they come. */
export const recentEvidence = (onGaps: (gaps: readonly Gap[]) => void): RecentEvidence => {
  const traced = new WeakMap<Evidence['readings'], Followed>();
  const kept = new Map<string, { readonly atMs: EpochMs; readonly evidence: Promise<Evidence> }>();
  const measured: RecentEvidence['measured'] = async (cluster, subjectKey, found, alerts, atMs) => {
    const key = JSON.stringify([cluster.name, subjectKey]);
    const known = kept.get(key);
    if (known !== undefined && Math.abs(atMs - known.atMs) < recentMs)
      return { ...(await known.evidence), alerts, rule: found.rule, subject: found.subject, located: found.located };
    const evidence = measure(cluster, found, alerts, atMs);
    kept.delete(key);
    kept.set(key, { atMs, evidence });
    // In the order of their making: what is too old to be given again is not kept a moment longer than it must.
    for (const [old, { atMs: madeMs }] of kept) if (kept.size > mostKept || atMs - madeMs >= recentMs) kept.delete(old);
    evidence.then(
      ({ gaps }) => onGaps(gaps),
      () => kept.delete(key),
    );
    return evidence;
  };
  const followed: RecentEvidence['followed'] = async (cluster, evidence) => {
    const known = traced.get(evidence.readings);
    const following = known ?? follow(cluster, evidence);
    if (known === undefined) {
      traced.set(evidence.readings, following);
      following.then(
        ({ gaps }) => onGaps(gaps.slice(evidence.gaps.length)),
        () => undefined,
      );
    }
    const { tracing, gaps } = await following;
    return tracing === undefined ? evidence : { ...evidence, tracing, gaps };
  };
  return { measured, followed };
};
