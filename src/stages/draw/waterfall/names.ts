import { operationOf } from '../../../domain/span-names.ts';
import type { Trace } from '../../../domain/trace.ts';

/** What a row is called: whose time it is, and what was asked of it. */
export type Name = { readonly service: string; readonly operation: string };

/** What is no letter would be measured, and not drawn. */
const plain = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^\P{C}\u200c\u200d]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** Names a call: by its callee's own span where there is one, else by whom it waits for. */
export const nameOf = (trace: Trace, outer: number, inner: number | null, namespace: string): Name => {
  const span = trace.spans[inner ?? outer];
  if (span === undefined) return { service: 'unknown', operation: '' };
  const short = (name: string): string =>
    plain(namespace !== '' && name.endsWith(namespace) ? name.slice(0, -namespace.length) : name);
  const waitsFor = inner === null && (span.kind === 'client' || span.kind === 'producer') ? span.peer : null;
  return { service: waitsFor === null ? short(span.service) : `→ ${short(waitsFor)}`, operation: plain(operationOf(span)) };
};

/** "1 span", "47 spans". */
export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
