/** What a failing gRPC status says, and where to look first (grpc.io/docs/guides/status-codes). */
type GrpcStatus = { readonly name: string; readonly meaning: string; readonly check: (callee: string) => string };

/** A map: the status is a label's value, and a plain object would answer for `constructor` too. */
const statuses: ReadonlyMap<string, GrpcStatus> = new Map(
  Object.entries<GrpcStatus>({
    '2': {
      name: 'UNKNOWN',
      meaning: 'a handler failed without saying how, mostly an error nobody caught',
      check: (callee) => `Read the errors that nobody caught in the log of ${callee}`,
    },
    '4': {
      name: 'DEADLINE_EXCEEDED',
      meaning: 'the deadline that the client set ran out before the answer',
      check: (callee) => `See what ${callee} waits for, and which deadline its callers set`,
    },
    '8': {
      name: 'RESOURCE_EXHAUSTED',
      meaning: 'a quota, a pool or the largest message size is used up',
      check: (callee) => `See which quota, pool or message size of ${callee} is used up`,
    },
    '12': {
      name: 'UNIMPLEMENTED',
      meaning: 'the server does not know the method: both ends are of different versions',
      check: (callee) =>
        `Compare the versions of ${callee} and of its callers: one of them knows a method that the other does not`,
    },
    '13': {
      name: 'INTERNAL',
      meaning: 'the server broke one of its own rules',
      check: (callee) => `Read the internal errors in the log of ${callee}`,
    },
    '14': {
      name: 'UNAVAILABLE',
      meaning: 'the server cannot serve now: it starts, stops, or lacks something that it needs',
      check: (callee) => `See whether ${callee} restarts or misses something that it needs, and read its log`,
    },
    '15': {
      name: 'DATA_LOSS',
      meaning: 'data is lost or damaged beyond repair',
      check: (callee) => `Read in the log of ${callee} which data is damaged, before anything is restarted`,
    },
  }),
);

/** The failing status of this number; null for those that are no failure of the callee. */
export const failingStatus = (grpcStatus: string | null): GrpcStatus | null =>
  grpcStatus === null ? null : (statuses.get(grpcStatus) ?? null);

/** A refusal, which is no failure of the callee. */
const refusals: ReadonlyMap<string, string> = new Map([
  ['7', 'PERMISSION_DENIED'],
  ['16', 'UNAUTHENTICATED'],
]);

/** "UNAVAILABLE (gRPC 14)" */
export const grpcText = (grpcStatus: string): string => {
  const name = failingStatus(grpcStatus)?.name ?? refusals.get(grpcStatus);
  return name === undefined ? `gRPC status ${grpcStatus}` : `${name} (gRPC ${grpcStatus})`;
};

/** Statuses by number (grpc.io/docs/guides/status-codes). */
const names = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED'],
  ...[
    'RESOURCE_EXHAUSTED',
    'FAILED_PRECONDITION',
    'ABORTED',
    'OUT_OF_RANGE',
    'UNIMPLEMENTED',
    'INTERNAL',
    'UNAVAILABLE',
    'DATA_LOSS',
  ],
  'UNAUTHENTICATED',
];

/** "UNAVAILABLE" as "14"; what is a number already stays one. */
export const grpcNumber = (status: string | null): string | null => {
  const number = status === null ? -1 : names.indexOf(status.toUpperCase());
  return number < 0 ? status : String(number);
};
