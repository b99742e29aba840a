/** What real Envoys do (by their flags and response code details) that has no fault of its own here. */

/** It prints what another fault prints, in flags, codes and counters: by these alone nobody tells them apart. */
export const printedAlike: readonly { readonly does: string; readonly fault: string }[] = [
  {
    does: 'load shed point at the decoding of headers: 503 without a flag, as from an overload manager',
    fault: 'gateway-overloaded',
  },
  { does: 'longest stream duration of the whole listener at the caller: 504 without a flag', fault: 'max-duration-route' },
  { does: 'an HTTP/1.1 answer in chunks that breaks off: 200 UPE, as with a length', fault: 'cut-200' },
  { does: 'an application that refuses HTTP/2 streams (REFUSED_STREAM): UR, as of any other reset', fault: 'grpc-stream-reset' },
  { does: 'an application that says GOAWAY and closes: 503 UC at its proxy', fault: 'app-resets' },
  { does: 'a token that is malformed or has expired: 401 without a flag, as of one that is missing', fault: 'jwt' },
  { does: 'retries that all end with an error of the application: 503 URX at the caller', fault: 'retries-exhausted' },
  { does: 'a second try that saves the first', fault: 'quiet-retried' },
];

/** It is no incident of a sidecar mesh, or none that requests show. */
export const notMet: readonly { readonly does: string; readonly flag: string | null; readonly why: string }[] = [
  {
    does: 'longest duration of an HTTP connection (maxConnectionDuration)',
    flag: null,
    why: 'the connection is drained when its last request is answered: none fails',
  },
  {
    does: 'an answer out of the cache filter',
    flag: 'RFCF',
    why: 'Istio configures no cache, and an answer from one is none that failed',
  },
  {
    does: 'a stream that the proxy resets by itself',
    flag: 'LR',
    why: 'nothing that was done to these proxies, locally or beyond, made one print it',
  },
];
