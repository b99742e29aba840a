/** Why a question stayed without an answer. `bug` is our own fault: logged with its stack, shown, never fatal. */
export type GapReason = 'timeout' | 'unreachable' | 'refused' | 'too-expensive' | 'malformed' | 'absent' | 'unsupported' | 'bug';

/** Something the report lacks, and why. It is shown to the reader. */
export type Gap = {
  /** What was asked for, in the reader's words: "golden signals", "alert rules". */
  readonly what: string;
  /** Who was asked: "Prometheus", "Alertmanager". */
  readonly source: string;
  readonly reason: GapReason;
  /** One short plain sentence without secrets: "did not answer in 1.8 s". */
  readonly detail: string;
};

/** An answer, or the gap it left. Rules that need a missing answer stay silent. */
export type Gathered<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly gap: Gap };

export const got = <T>(value: T): Gathered<T> => ({ ok: true, value });
export const missed = <T>(gap: Gap): Gathered<T> => ({ ok: false, gap });

/** The one error adapters throw. `gather` turns it into a gap; anything else becomes reason `bug`. */
export class SourceError extends Error {
  readonly source: string;
  readonly reason: GapReason;
  constructor(source: string, reason: GapReason, detail: string, options?: { cause?: unknown }) {
    super(detail, options);
    this.name = 'SourceError';
    this.source = source;
    this.reason = reason;
  }
}
