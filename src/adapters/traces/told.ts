import { classify } from '../../domain/outcome.ts';
import { grpcStatus, httpStatus } from '../../domain/span-status.ts';
import type { ReceivedSpan, SpanKind } from '../../domain/trace.ts';
import { nameWithoutSecrets } from './addresses.ts';
import type { Facts } from './attributes.ts';
import { shortText } from './json.ts';

/** An entry of a document: a span, or what stands there instead; and its trace as far as that is known. */
export type Entry =
  | { readonly traceId: string | null; readonly span: ReceivedSpan }
  | { readonly traceId: string | null; readonly span: null; readonly given: unknown };

/** An entry that cannot be read as a span. */
export const noSpan = (traceId: string | null, given: unknown): Entry => ({ traceId, span: null, given });

/** OTLP's numbers of kinds (opentelemetry-proto, trace.proto, SpanKind). */
const kinds: readonly (SpanKind | null)[] = [null, 'internal', 'server', 'client', 'producer', 'consumer'];

const isKind = (text: string): text is SpanKind => kinds.some((kind) => kind === text);

/** 3, "3", "SPAN_KIND_CLIENT", "CLIENT" and "client" are one kind. */
export const kindOf = (value: unknown): SpanKind | null => {
  if (typeof value === 'number' || (typeof value === 'string' && /^\d$/.test(value))) return kinds[Number(value)] ?? null;
  const name = typeof value === 'string' ? value.toLowerCase().replace(/^span_kind_/, '') : '';
  return isKind(name) ? name : null;
};

/** 2, "STATUS_CODE_ERROR", "ERROR", and "Error", as the collector writes it for Zipkin. */
export const isErrorCode = (code: unknown): boolean =>
  code === 2 || (typeof code === 'string' && /^(?:2|(?:status_code_)?error)$/i.test(code));

/**
 * What the span's own words say of failure: its tags, and its codes by the one definition of a failed request. Other gRPC statuses, NOT_FOUND
 * for one, fail only where the span says so itself; Envoy draws the same line (envoyproxy/envoy#18877).
 */
export const saysError = (facts: Facts): boolean =>
  facts['error'] === 'true' ||
  isErrorCode(facts['otel.status_code']) ||
  classify(httpStatus(facts) ?? '', grpcStatus(facts), []) === 'failed';

export const operationOf = (name: unknown): string => nameWithoutSecrets(shortText(name) ?? '');
