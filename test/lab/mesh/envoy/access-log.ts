import { type JsonObject, typed } from './json.ts';

/** One line of a proxy's access log, as far as metrics need it. Envoy prints null for what it does not know. */
export type LogLine = {
  readonly kind: 'http' | 'tcp';
  readonly authority: string | null;
  readonly user_agent: string | null;
  readonly content_type: string | null;
  readonly peer: string | null;
  readonly response_code: number | null;
  readonly response_flags: string;
  readonly duration: number | null;
  readonly bytes_received: number | null;
  readonly bytes_sent: number | null;
  readonly upstream_cluster: string | null;
  readonly upstream_host: string | null;
  readonly grpc_status: string | null;
  readonly downstream_identity: string | null;
  readonly upstream_identity: string | null;
};

/** Header by which a proxy tells its peer who it is; Istio does so by its own metadata exchange. */
export const peerHeader = 'x-lab-peer';

const fields: Readonly<Record<Exclude<keyof LogLine, 'kind'>, string>> = {
  authority: '%REQ(:AUTHORITY)%',
  user_agent: '%REQ(USER-AGENT)%',
  content_type: '%REQ(CONTENT-TYPE)%',
  peer: `%REQ(${peerHeader.toUpperCase()})%`,
  response_code: '%RESPONSE_CODE%',
  response_flags: '%RESPONSE_FLAGS%',
  duration: '%DURATION%',
  bytes_received: '%BYTES_RECEIVED%',
  bytes_sent: '%BYTES_SENT%',
  upstream_cluster: '%UPSTREAM_CLUSTER_RAW%',
  upstream_host: '%UPSTREAM_HOST%',
  grpc_status: '%GRPC_STATUS_NUMBER%',
  downstream_identity: '%DOWNSTREAM_PEER_URI_SAN%',
  upstream_identity: '%UPSTREAM_PEER_URI_SAN%',
};

/** JSON lines into one file a proxy; `side` says which end of an edge prints them. */
export const accessLog = (path: string, side: 'source' | 'destination', kind: LogLine['kind']): readonly JsonObject[] => [
  {
    name: 'envoy.access_loggers.file',
    typed_config: typed('envoy.extensions.access_loggers.file.v3.FileAccessLog', {
      path,
      log_format: { json_format: { side, kind, ...fields } },
    }),
  },
];
