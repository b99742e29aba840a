import { type GapReason, SourceError } from '../../domain/gathered.ts';
import type { Row } from './database.ts';

/** What the thread of the engine is asked. Answers come in the order of the questions. */
export type Asked =
  | { readonly id: number; readonly kind: 'query'; readonly text: string; readonly values: readonly unknown[] }
  | { readonly id: number; readonly kind: 'script'; readonly text: string }
  | { readonly id: number; readonly kind: 'listen'; readonly channel: string }
  | { readonly id: number; readonly kind: 'close' };

/** What it says: its opening (id 0), an answer, or a NOTIFY that came in between. */
export type Told =
  | { readonly id: number; readonly rows: readonly Row[] }
  | { readonly id: number; readonly fault: Fault }
  | { readonly channel: string; readonly payload: string };

/** An error that survives the way between threads: a structured clone of one loses its SQLSTATE and its reason. */
type Fault = {
  readonly message: string;
  readonly code: string | null;
  /** Set for our own error type. */
  readonly of: { readonly source: string; readonly reason: GapReason } | null;
};

export const faultOf = (error: unknown): Fault => {
  const { message, code } = (error ?? {}) as { readonly message?: unknown; readonly code?: unknown };
  return {
    message: String(message ?? error),
    code: typeof code === 'string' ? code : null,
    of: error instanceof SourceError ? { source: error.source, reason: error.reason } : null,
  };
};

export const errorOf = ({ message, code, of }: Fault): Error => {
  if (of) return new SourceError(of.source, of.reason, message);
  return Object.assign(new Error(message), code === null ? {} : { code });
};
