import { z } from 'zod';
import type { EpochMs } from '../../domain/time.ts';

/** RFC 3339 as Go prints it: up to nanoseconds, any offset. `Date.parse` alone would take "1" for the year 2001. */
const shape = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;

/** A time of Alertmanager's, in milliseconds since the epoch; Go's zero time (0001-01-01) is a large negative number. */
export const moment = z.string().transform((text, context): EpochMs => {
  const atMs = shape.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) context.addIssue({ code: 'custom', message: 'a time such as 2026-11-24T07:15:20Z (RFC 3339)' });
  return atMs;
});
