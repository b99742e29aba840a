import type { Matcher } from './promql.ts';
import type { Reporter } from './signals.ts';

/** One reporter's view of an edge: which series are its, and which label holds which part. Null: that view does not print it. */
export type View = {
  readonly reporter: Reporter;
  readonly matchers: readonly Matcher[];
  readonly labels: {
    readonly sourceNamespace: string | null;
    readonly sourceWorkload: string | null;
    readonly sourceVersion: string | null;
    readonly destinationNamespace: string | null;
    readonly destinationService: string | null;
    readonly destinationWorkload: string | null;
    readonly destinationVersion: string | null;
    /** What tells the version where that label does not. */
    readonly destinationRevision: string | null;
    /** One label that holds the caller's identity, e.g. Linkerd's `client_id`. */
    readonly sourceIdentity: string | null;
  };
  readonly security: Security;
};

/** How a view tells whether requests came over mutual TLS, and between whom. Null: that view does not print it. */
export type Security = {
  readonly label: string | null;
  /** Its values for mutual TLS, and for none; any other tells nothing. */
  readonly secured: readonly string[];
  readonly open: readonly string[];
  /** Why there is none, in the proxy's own words. */
  readonly reason: string | null;
  readonly clientIdentity: string | null;
  readonly serverIdentity: string | null;
};

/** What a mesh calls things. A table, never code: meshes differ by what is in it. Names may be renamed per source by configuration. */
export type Dialect = {
  readonly name: 'istio' | 'ambient' | 'linkerd' | 'envoy';
  readonly metrics: {
    readonly requests: string;
    readonly durationBucket: string;
    readonly durationSum: string;
    readonly durationCount: string;
    /** Bare connections that have ended, with the flags they ended by; null where they are not counted by edge. */
    readonly connections: string | null;
  };
  readonly durationUnit: 'ms' | 's';
  readonly labels: {
    readonly code: string | null;
    readonly grpcStatus: string | null;
    readonly flags: string | null;
    readonly protocol: string | null;
    /** Linkerd's `classification`: success | failure. */
    readonly classification: string | null;
    /** What an installation may add to its metrics so that requests are told apart within an edge, by name or by path. */
    readonly operation: string | null;
    readonly urlPath: string | null;
    /** Scrape labels of who counted: the pod, or at least its address. */
    readonly pod: string | null;
    readonly instance: string | null;
  };
  readonly views: { readonly caller: View; readonly callee: View };
};
