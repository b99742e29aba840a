/** Text that is no trace, or not one that can be read. */
export class TraceFormatError extends Error {
  /** What it is instead: "an HTML page". */
  readonly what: string;
  constructor(what: string, options?: { cause?: unknown }) {
    super(`is ${what}, expected a trace as JSON of Jaeger, Zipkin, Tempo or OTLP`, options);
    this.name = 'TraceFormatError';
    this.what = what;
  }
}
