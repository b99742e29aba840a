import type { DigestChoice } from '../digest-subscription.ts';

/** Tables of edges: figures, the worst of them, how requests ended, mutual TLS and identities. */
export const tableKinds = ['stat', 'top', 'flags', 'edges'] as const;
type TableKind = (typeof tableKinds)[number];
/** What takes the words of a table. */
export type LookKind = TableKind | 'routes' | SplitKind | 'graph';
/** What a callee's requests are told apart by. */
type SplitKind = 'versions' | 'pods';

/** `payments` or `shop/payments`. */
export type Named = { readonly namespace: string | null; readonly name: string };

export type Options = { readonly windowSeconds: number; readonly cluster: string | null; readonly namespace: string | null };

/** What people do, and not only ask. `what`: the id of an incident, the words of an edge, or null: the only one there is. */
export type ActQuestion =
  | { readonly kind: 'ack'; readonly what: string | null; readonly options: Options }
  | { readonly kind: 'unack'; readonly what: string | null; readonly options: Options }
  | { readonly kind: 'unsilence'; readonly what: string | null; readonly options: Options }
  | {
      readonly kind: 'silence';
      readonly what: string | null;
      /** Null: not said. */
      readonly seconds: number | null;
      readonly comment: string | null;
      readonly options: Options;
    };

export type DigestRhythm = 'daily' | 'weekly';

/** What people do about the digest of the channel they ask in. */
export type DigestQuestion =
  /** What it would say now; of which rhythm, where there are both. */
  | { readonly kind: 'digest'; readonly rhythm: DigestRhythm | null }
  | { readonly kind: 'digest-unsubscribe'; readonly rhythm: DigestRhythm | null }
  | { readonly kind: 'digest-list' }
  | {
      readonly kind: 'digest-subscribe';
      readonly rhythm: DigestRhythm;
      readonly weekday: number;
      readonly minuteOfDay: number;
      /** Null: not said. */
      readonly zone: string | null;
      readonly choice: DigestChoice;
    };

/** What a person may ask, in Slack and on the command line: one grammar. */
export type Question =
  | { readonly kind: 'help' }
  /** The same edges now and so long ago. */
  | {
      readonly kind: 'diff';
      readonly name: Named | null;
      readonly from: Named | null;
      readonly agoSeconds: number;
      readonly options: Options;
    }
  /** How objectives stand: all, by name, of a service or of an edge. `what`: the words as typed; null: all. */
  | {
      readonly kind: 'slo';
      readonly what: string | null;
      readonly from: Named | null;
      readonly to: Named | null;
      readonly options: Options;
    }
  /** What is open now. */
  | { readonly kind: 'incidents'; readonly options: Options }
  | { readonly kind: TableKind; readonly name: Named | null; readonly from: Named | null; readonly options: Options }
  /** Figures by route, or by gRPC method. */
  | { readonly kind: 'routes'; readonly name: Named | null; readonly from: Named | null; readonly options: Options }
  /** Figures of the versions or pods of a callee, of one caller's requests where it is named. */
  | { readonly kind: SplitKind; readonly name: Named; readonly from: Named | null; readonly options: Options }
  /** Who calls whom: around a workload or an edge, of a namespace or of the cluster. */
  | { readonly kind: 'graph'; readonly name: Named | null; readonly from: Named | null; readonly options: Options }
  | { readonly kind: 'why'; readonly from: Named | null; readonly to: Named; readonly options: Options }
  /** The worst request of an edge, by its trace. */
  | { readonly kind: 'trace'; readonly from: Named | null; readonly to: Named; readonly options: Options }
  /** One trace by its id: 32 lower-case hexadecimal digits. */
  | { readonly kind: 'trace-id'; readonly id: string; readonly options: Options }
  | ActQuestion
  | DigestQuestion
  /** Whether every source answers, and what to do where one does not. */
  | { readonly kind: 'doctor'; readonly options: Options }
  /** The words were not understood: what to say. */
  | { readonly kind: 'unclear'; readonly lines: readonly string[] };

export const isOfDigests = (question: Question): question is DigestQuestion =>
  question.kind === 'digest' || question.kind.startsWith('digest-');

export const unclear = (...lines: readonly string[]): Question => ({ kind: 'unclear', lines });
