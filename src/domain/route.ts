import type { Matcher } from './promql.ts';
import type { Counts, Histogram, Reporter } from './signals.ts';

/** A label that names who was called: by name, or as a host (`payments.shop.svc.cluster.local:8080`), which holds its namespace. */
type CalleeLabel =
  | { readonly kind: 'name'; readonly name: string; readonly namespace: string | null }
  | { readonly kind: 'host'; readonly host: string };

/** Metrics of one mesh that tell requests apart by their route. Null: they do not print it. */
export type RouteFamily = {
  /** Who defines these routes, in the reader's words: "ServiceProfiles". */
  readonly definedBy: string;
  readonly reporter: Reporter;
  readonly requests: string;
  readonly durationBucket: string;
  readonly durationUnit: 'ms' | 's';
  /** So few buckets that a quantile is not much more than a guess between two of them. */
  readonly isCoarse: boolean;
  readonly matchers: readonly Matcher[];
  /** What names the route: the first that is not empty. */
  readonly routes: readonly string[];
  /** Whose value "default" marks what matches no route that anybody defined. */
  readonly routeKind: string | null;
  /** How requests are called that match no route; null where they are left out, since others count them. */
  readonly rest: string | null;
  readonly callee: readonly CalleeLabel[];
  readonly caller: { readonly namespace: string | null; readonly workload: string } | null;
  readonly outcome: {
    readonly code: string | null;
    readonly grpcStatus: string | null;
    readonly flags: string | null;
    readonly classification: string | null;
    /** Linkerd's `error`, by its own words. */
    readonly error: string | null;
  };
};

/** Figures of one route of a service. */
export type RouteReading = {
  readonly service: { readonly namespace: string | null; readonly name: string };
  readonly route: string;
  readonly family: RouteFamily;
  readonly counts: Counts;
  readonly latency: Histogram | null;
};
