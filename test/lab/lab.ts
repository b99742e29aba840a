import type { Side } from '../../src/domain/diagnosis.ts';
import type { Controls } from './mesh/controls.ts';

/** A pod of the lab's mesh: one application and one Envoy beside it, on a loopback address of their own. */
export type Pod = {
  /** As Kubernetes would name it: "payments-v1-6c9f7d5b8-x2x4d". */
  readonly name: string;
  readonly namespace: string;
  /** The Deployment: "payments-v1". */
  readonly workload: string;
  /** The Service it stands behind: "payments". */
  readonly service: string;
  readonly version: string;
  readonly address: string;
};

/** What Prometheus scrapes: the `istio_*` metrics of one pod, or the own statistics of its Envoy. */
export type Target = {
  readonly job: 'istio' | 'envoy';
  /** "127.41.0.5:15090". */
  readonly address: string;
  readonly path: string;
  /** Labels that a pod discovery would add: namespace, pod, app, version. */
  readonly labels: Readonly<Record<string, string>>;
};

/** One counter as it stands, by the target that exposes it (an index of `targets`). Buckets, sums and counts of histograms are counters too. */
export type Counter = {
  readonly target: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

/** "checkout → payments": caller's and callee's service name; the gateway is `istio-ingressgateway`. */
export type EdgeName = readonly [caller: string, callee: string];

/** A running mesh. Its counters start at zero; `continueFrom` sets them to where a past that was written ends. */
export type Mesh = {
  readonly pods: readonly Pod[];
  readonly targets: readonly Target[];
  /** Requests a second at the gateway from now on; 0 stops. */
  readonly load: (perSecond: number) => void;
  /** The `istio_*` counters of every pod. */
  readonly counters: () => readonly Counter[];
  /** Every counter named here goes on from its value here; all others start again from zero. */
  readonly continueFrom: (counters: readonly Counter[]) => void;
  /** What this fault's mesh is like before anything breaks. Requests pass every edge then, unless the fault's past is its own; throws where they do not. */
  readonly prepare: (fault: Fault) => Promise<void>;
  /** One act at one place. */
  readonly breakIt: (fault: Fault) => Promise<void>;
  /** What went wrong with what an act does again and again, since the mesh was healthy. */
  readonly failures: () => readonly string[];
  /** Undoes the act. Resolves when requests pass every edge again. */
  readonly heal: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** One answer that is right: where, why, who is to blame, and what to look at. */
export type RightAnswer = {
  /** The sick edge; null where nothing may be blamed. */
  readonly edge: EdgeName | null;
  /** Further edges that a reader would call right too (any edge into the sick workload, say). */
  readonly orEdges?: readonly EdgeName[];
  /** Rules that name the cause, the expected one first. Empty where no verdict is the right answer. */
  readonly rules: readonly string[];
  readonly sides: readonly Side[];
  /** Which object the first check must look at, kind and name: a pattern that all of it meets. Empty: not asked. */
  readonly object: string;
};

/** What is true of a fault, written down before the bot is asked. */
export type Truth = RightAnswer & {
  /** Another answer that is as right, wholly: half of each is none. */
  readonly or?: RightAnswer;
  /** A second thing that is true at the same time: each message is about one of the two, and each of the two is told. */
  readonly and?: RightAnswer;
  /** What is right once the act is over: then a question is asked though alerts have told, and this is held against its answer alone. */
  readonly asked?: RightAnswer;
  /** Patterns of which each stands in at least one message of the fault: what is the point of it, whatever the rule is called. */
  readonly must?: readonly string[];
  /** Patterns that no sentence of the message may match. */
  readonly not: readonly string[];
  /** Where nothing may be blamed: why an alert fires all the same. Without it an alert that fires and is told is a miss. */
  readonly mayAlert?: string;
};

/** One act at one place in a mesh of real proxies, with its truth beside it. */
export type Fault = {
  readonly name: string;
  /** One plain sentence: what was done. */
  readonly says: string;
  /** `quiet`: nothing may be blamed. `thin`: too few requests for a verdict; edge and counts are the right answer. */
  readonly kind: 'fault' | 'quiet' | 'thin';
  /** Requests a second at the gateway; the usual one where left out. */
  readonly load?: number;
  /** Requests a second that the act brings, where it brings more: what needs the machine for itself is not run beside others. */
  readonly peakLoad?: number;
  /** Seconds from the act to the look, where longer than usual. */
  readonly ageSeconds?: number;
  readonly truth: Truth;
  /** How the mesh is before: a client that gives up by design, say. */
  readonly setup?: (controls: Controls) => Promise<void> | void;
  /** What `setup` does shows in the healthy mesh, so that its past must be measured with it. */
  readonly hasOwnPast?: true;
  readonly act: (controls: Controls) => Promise<void> | void;
};
