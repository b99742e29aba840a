import type { Edge } from './edge.ts';
import type { Change } from './evidence.ts';
import type { Reporter } from './signals.ts';

/** How sure. */
export type Confidence = 'clear' | 'likely' | 'possible';

/** Whether the recorded faults show that at least 99 of 100 clear verdicts are right (docs/truth.md). */
const isClearProven = false;

/** The word that a reader is told: `clear` is not said before it is proven. */
export const confidenceWord = (confidence: Confidence): Confidence =>
  confidence === 'clear' && !isClearProven ? 'likely' : confidence;

/** Who is to blame. */
export type Side =
  | 'caller'
  | "caller's proxy"
  | 'network/TLS'
  | "callee's proxy"
  | 'callee application'
  | "callee's dependency"
  | 'policy'
  | 'nothing wrong';

/** What to look at first. `command` only when every name in it is `[A-Za-z0-9._-]`; else the sentence stands alone. */
export type FirstCheck = { readonly sentence: string; readonly command: string | null; readonly object: string | null };

/** What one rule found at one edge. */
export type Finding = {
  /** The rule's file name and advice page: "upstream-timeout". */
  readonly rule: string;
  readonly side: Side;
  readonly confidence: Confidence;
  /** One sentence: the cause, the side, the number that shows it. Plain text; untrusted names inside. */
  readonly sentence: string;
  /** ≤ 3 lines that prove it. Plain text. */
  readonly evidence: readonly string[];
  readonly firstCheck: FirstCheck;
  /** The edge it is about. */
  readonly at: Edge;
  /** Requests this explains: bad events, for the ranking. */
  readonly badEvents: number;
  /** Rules that this one explains, and so suppresses. */
  readonly explains: readonly string[];
  /** The line of evidence, where it stands, that says what the worst trace does: where its failure began, whose time it was, or the way there. */
  readonly traced?: { readonly what: 'origin' | 'time' | 'way'; readonly line: string };
};

/** Lines of evidence that a message shows. */
export const shownEvidence = ({ evidence }: Finding): readonly string[] => evidence.slice(0, 3);

/**
 * Something that was noticed beside the sickness and explains none of it, such as what keeps traces from telling more. It stands below every
 * finding, and is said where nothing is wrong too.
 */
export type Note = {
  /** Its advice page: "dropped-trace-headers". */
  readonly name: string;
  /** Plain text; untrusted names inside. */
  readonly sentence: string;
  /** ≤ 3 lines that show it. Plain text. */
  readonly evidence: readonly string[];
  /** What to do about it, as one sentence. */
  readonly advice: string;
};

/** The four golden signals. */
export type SignalName = 'latency' | 'traffic' | 'errors' | 'saturation';

/** One line of the message: now · usual · change. Text is ready for people ("≥ 10 s", "12 requests"). */
export type SignalLine = {
  readonly signal: SignalName;
  /** False: "as usual". Null: could not be told, `why` says why. */
  readonly moved: boolean | null;
  readonly now: string;
  readonly usual: string | null;
  readonly change: string | null;
  readonly why: string | null;
  /** For machines; null where not known. Requests/s, ratio 0–1, seconds. */
  readonly value: number | null;
  readonly usualValue: number | null;
};

/** One response flag with its share. */
export type FlagLine = {
  readonly flag: string;
  readonly meaning: string;
  readonly reporter: Reporter;
  readonly requests: number;
  readonly share: number;
};

/** How many feel it. */
export type Impact = {
  readonly failedPerMinute: number;
  readonly callersAffected: number;
  readonly callers: number;
  /** Does an edge from an ingress gateway see it; null: cannot tell. */
  readonly ingressAffected: boolean | null;
};

/** A change with how far it is believed: "explains", "coincides", "also changed"; never "caused". */
export type RankedChange = Change & { readonly relation: 'explains' | 'coincides' | 'also changed' };

type Verdict = Finding;

export type Diagnosis = {
  /** The best finding; null when there is nothing to say but the numbers. */
  readonly verdict: Verdict | null;
  /** The sentence without a verdict: what was ruled out, or why nothing can be said. Never empty. */
  readonly summary: string;
  /** All findings that stand, best first; the verdict included. */
  readonly findings: readonly Finding[];
  readonly notes: readonly Note[];
  /** Plain sentences: "no connection failures", "no endpoints missing". */
  readonly ruledOut: readonly string[];
  readonly signals: readonly SignalLine[];
  readonly flags: readonly FlagLine[];
  readonly impact: Impact | null;
  readonly changes: readonly RankedChange[];
};
