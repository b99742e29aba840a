import { type GapReason, SourceError } from '../../domain/gathered.ts';

const source = 'store';

type Fault = { readonly code: string; readonly text: string };

const is = (pattern: RegExp) => (fault: Fault) => pattern.test(fault.code) || pattern.test(fault.text);
const codeIs = (pattern: RegExp) => (fault: Fault) => pattern.test(fault.code);

/** SQLSTATE (PostgreSQL manual, appendix A), errno and OpenSSL names, the most telling first. */
const faults: readonly (readonly [(fault: Fault) => boolean, GapReason, string])[] = [
  [is(/^53100$|^ENOSPC$|no space left|could not extend file/i), 'too-expensive', 'no space is left on its disk'],
  [codeIs(/^53200$|^54/), 'too-expensive', 'ran out of memory or of another limit'],
  [codeIs(/^28|^42501$/), 'refused', 'refused the credentials, or the user may not do this'],
  [codeIs(/^3D000$/), 'absent', 'has no such database'],
  [codeIs(/CERT|^UNABLE_TO_|^ERR_TLS/), 'refused', 'shows a certificate that does not prove its name (give the CA file)'],
  [is(/does not support SSL/i), 'refused', 'offers no TLS (sslmode=disable in the URL goes without)'],
  [codeIs(/^57014$|^55P03$|^25P0[34]$|^ETIMEDOUT$/), 'timeout', 'did not answer in time'],
  [(fault) => fault.code === '' && /timeout/i.test(fault.text), 'timeout', 'did not answer in time'],
  [codeIs(/^08|^57P|^53300$|^25006$|^E[A-Z]+$/), 'unreachable', 'cannot be reached'],
  [is(/terminat|is closed|closed the connection|not queryable|unreachable|shutting down/i), 'unreachable', 'cannot be reached'],
];

/** Every failure of the store as the one error; the webhook answers it with 503, so that Alertmanager comes again. */
export const storeError = (error: unknown): SourceError => {
  if (error instanceof SourceError) return error;
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  const fault = { code: typeof code === 'string' ? code : '', text: String(message ?? error) };
  const [, reason, detail] = faults.find(([matches]) => matches(fault)) ?? [null, 'bug' as const, 'failed'];
  return new SourceError(source, reason, detail, { cause: error });
};

/** A start that must not happen, in words that say what to do. */
export const refusal = (detail: string, cause?: unknown): SourceError =>
  new SourceError(source, 'refused', detail, cause === undefined ? {} : { cause });

/** An engine or schema that this release cannot work on. */
export const unsupported = (detail: string): SourceError => new SourceError(source, 'unsupported', detail);

/** Runs `work`; whatever it throws becomes a `SourceError`. */
export const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw storeError(error);
  }
};

/** Serialisation failure, deadlock, or a row that a replica wrote in the same instant: harmless when tried again. */
const isConflict = (error: unknown): boolean =>
  ['40001', '40P01', '23505'].includes(String((error as { readonly code?: unknown } | null)?.code));

/** Runs a whole transaction again after a conflict with a replica; the third time the conflict is an error. */
export const retried = async <T>(work: () => Promise<T>, tries = 3): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (tries <= 1 || !isConflict(error)) throw error;
    return retried(work, tries - 1);
  }
};
