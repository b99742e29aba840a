import { leftFlags, patienceFlags, quietFlags } from './outcome.ts';
import { flagMeaning } from './response-flag.ts';
import type { Span } from './trace.ts';

type Attributes = Span['attributes'];

/** The HTTP status as a span prints it, by the newer name or the older (opentelemetry.io, "HTTP semantic convention stability"); "0" of a call without an answer. */
export const httpStatus = (attributes: Attributes): string | null =>
  attributes['http.response.status_code'] ?? attributes['http.status_code'] ?? null;

/** The gRPC status as a span prints it; OpenTelemetry's name before Envoy's. */
export const grpcStatus = (attributes: Attributes): string | null =>
  attributes['rpc.grpc.status_code'] ?? attributes['grpc.status_code'] ?? null;

/** "503 UH", "gRPC 14": what a span says of its end, flags last; empty where it says nothing. */
export const statusText = ({ attributes, flags }: Pick<Span, 'attributes' | 'flags'>): string => {
  const [http, grpc] = [httpStatus(attributes) ?? '', grpcStatus(attributes) ?? ''];
  const code = grpc !== '' && grpc !== '0' ? `gRPC ${grpc}` : http === '0' ? '' : http;
  return [code, ...flags].filter((word) => word !== '').join(' ');
};

/** "answered 503", "the callee did not answer within the timeout": why a span failed; null where it does not say so. */
export const whyFailed = ({ attributes, flags }: Pick<Span, 'attributes' | 'flags'>): string | null => {
  const flag = flags.find((one) => !quietFlags.has(one)) ?? flags[0];
  if (flag !== undefined) return flagMeaning(flag);
  const [http, grpc] = [httpStatus(attributes) ?? '', grpcStatus(attributes) ?? ''];
  if (/^[45]\d\d$/.test(http)) return `answered ${http}`;
  return /^[1-9]\d?$/.test(grpc) ? `gRPC status ${grpc}` : null;
};

type Ended = Pick<Span, 'attributes' | 'flags'>;

const hasFlag = ({ flags }: Ended, of: ReadonlySet<string>): boolean => flags.some((flag) => of.has(flag));

/** Whoever asked left before the answer: a consequence of what happened above, and no cause of it. CANCELLED is gRPC's word for it. */
export const isLeft = (span: Ended): boolean =>
  hasFlag(span, leftFlags) || httpStatus(span.attributes) === '499' || grpcStatus(span.attributes) === '1';

/** Somebody's patience ran out. */
export const ranOut = (span: Ended): boolean =>
  hasFlag(span, patienceFlags) || httpStatus(span.attributes) === '504' || grpcStatus(span.attributes) === '4';
