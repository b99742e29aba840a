/** What one bad pod, or one bad version, looks like to whoever does not tell it from its siblings. */
export const seenOfOne = [
  'callee-errors',
  'grpc-errors',
  'connection-failure',
  'cut-response',
  'protocol-error',
  'local-health-check',
  'retry-exhausted',
  'client-gave-up',
  'upstream-timeout',
  'slow-callee',
  'slow-dependency',
  'duration-limit',
  'outlier-ejection',
] as const;
