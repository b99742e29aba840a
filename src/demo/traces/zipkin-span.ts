/** A span as Zipkin's JSON has it, version 2 (openzipkin/zipkin-api, zipkin2-api.yaml). Times are whole microseconds. */
export type ZipkinSpan = {
  /** 16 or 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  readonly id: string;
  readonly parentId?: string;
  readonly kind?: 'CLIENT' | 'SERVER' | 'PRODUCER' | 'CONSUMER';
  readonly name?: string;
  readonly timestamp?: number;
  readonly duration?: number;
  readonly localEndpoint?: ZipkinEndpoint;
  readonly remoteEndpoint?: ZipkinEndpoint;
  readonly annotations?: readonly { readonly timestamp: number; readonly value: string }[];
  readonly tags?: Readonly<Record<string, string>>;
};

/** A service, or where it is. */
export type ZipkinEndpoint = { readonly serviceName?: string; readonly ipv4?: string; readonly port?: number };
