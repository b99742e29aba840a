import type { Diagnosis } from './diagnosis.ts';
import type { Evidence } from './evidence.ts';

/** A diagnosed incident: what was gathered and what it means. Everything the message says is derived from it. */
export type Report = { readonly evidence: Evidence; readonly diagnosis: Diagnosis };
