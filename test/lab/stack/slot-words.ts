import type { FaultResult } from './result.ts';

/** What the lab tells a slot. */
export type Told =
  | {
      readonly kind: 'open';
      /** Which loopback addresses. */
      readonly index: number;
      /** Path of the program. */
      readonly envoy: string;
      readonly folder: string;
      /** Where scenarios are saved; null: they are not. */
      readonly scenarios: string | null;
      /** Path of Zipkin's archive; null: the lab has no traces. */
      readonly zipkin: string | null;
    }
  | { readonly kind: 'run'; readonly fault: string }
  /** The answer to `done`: whether the result counts, so that its scenario is saved. */
  | { readonly kind: 'taken'; readonly isKept: boolean }
  | { readonly kind: 'end' };

/** What a slot says. */
export type Heard =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly result: FaultResult }
  | { readonly kind: 'saved'; readonly isSaved: boolean }
  | { readonly kind: 'broken'; readonly why: string };
