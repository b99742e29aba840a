type Options = { readonly given?: string; readonly cause?: unknown };

/** Text that is no trace, or not one that can be read. */
export class TraceFormatError extends Error {
  /** What it is instead, in words of ours: "an HTML page". */
  readonly what: string;
  /** `given`: what stands in it, in words from outside, for who has the file. */
  constructor(what: string, { given, cause }: Options = {}) {
    const detail = given === undefined ? '' : ` (${given})`;
    super(`is ${what}${detail}, expected a trace as JSON of Jaeger, Zipkin, Tempo or OTLP`, { cause });
    this.name = 'TraceFormatError';
    this.what = what;
  }
}
