/** The counters behind one label set of Istio's standard metrics. */

/** Istio's buckets (Envoy's defaults): milliseconds for durations, bytes for sizes. */
const bounds = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000,
];

type Labels = Readonly<Record<string, string>>;

/** One counter's name and labels, its identity as text, and how it reads its value. */
export type Cell = { readonly name: string; readonly labels: Labels; readonly key: string; readonly value: () => number };

/** What one line adds. Milliseconds, bytes. */
type Observation = { readonly duration: number; readonly received: number; readonly sent: number };

export type Counted = { readonly cells: readonly Cell[]; readonly observe: (seen: Observation) => void };

export const cellKey = (name: string, labels: Labels): string =>
  `${name}${JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;

const cell = (name: string, labels: Labels, value: () => number): Cell => ({ name, labels, key: cellKey(name, labels), value });

const total = (name: string, labels: Labels): { readonly cells: readonly Cell[]; readonly add: (value: number) => void } => {
  let sum = 0;
  return {
    cells: [cell(name, labels, () => sum)],
    add: (value) => {
      sum += value;
    },
  };
};

const histogram = (name: string, labels: Labels): { readonly cells: readonly Cell[]; readonly add: (value: number) => void } => {
  const below = bounds.map(() => 0);
  let count = 0;
  let sum = 0;
  return {
    cells: [
      ...bounds.map((bound, at) => cell(`${name}_bucket`, { ...labels, le: String(bound) }, () => below[at] ?? 0)),
      cell(`${name}_bucket`, { ...labels, le: '+Inf' }, () => count),
      cell(`${name}_sum`, labels, () => sum),
      cell(`${name}_count`, labels, () => count),
    ],
    add: (value) => {
      for (const [at, bound] of bounds.entries()) if (value <= bound) below[at] = (below[at] ?? 0) + 1;
      count += 1;
      sum += value;
    },
  };
};

/** Requests; a unary gRPC call is one message each way, and nothing in an access log tells of streams. */
export const countedRequests = (labels: Labels): Counted => {
  const isGrpc = labels['request_protocol'] === 'grpc';
  const [requests, asked, told] = [
    total('istio_requests_total', labels),
    total('istio_request_messages_total', labels),
    total('istio_response_messages_total', labels),
  ];
  const duration = histogram('istio_request_duration_milliseconds', labels);
  const [requestBytes, responseBytes] = [histogram('istio_request_bytes', labels), histogram('istio_response_bytes', labels)];
  const parts = [requests, duration, requestBytes, responseBytes, ...(isGrpc ? [asked, told] : [])];
  return {
    cells: parts.flatMap(({ cells }) => cells),
    observe: (seen) => {
      requests.add(1);
      duration.add(seen.duration);
      requestBytes.add(seen.received);
      responseBytes.add(seen.sent);
      asked.add(seen.received > 0 ? 1 : 0);
      told.add(seen.sent > 0 ? 1 : 0);
    },
  };
};

/** Connections. A log line is printed at the end, so both are told then. */
export const countedConnections = (labels: Labels): Counted => {
  const names = ['connections_opened', 'connections_closed', 'received_bytes', 'sent_bytes'] as const;
  const [opened, closed, received, sent] = names.map((name) => total(`istio_tcp_${name}_total`, labels));
  return {
    cells: [opened, closed, received, sent].flatMap((part) => part?.cells ?? []),
    observe: (seen) => {
      opened?.add(1);
      closed?.add(1);
      received?.add(seen.received);
      sent?.add(seen.sent);
    },
  };
};
