import { type Call, serviceNamed } from '../../src/demo/mesh/topology.ts';

/** The alert names its edge, as the shipped rules do; or the callee only, and its rule must be run per edge; or nothing of a mesh. */
export type Naming = 'edge' | 'callee' | 'nothing';

const failing = (labels: string): string =>
  `sum by (${labels}) (rate(istio_requests_total{response_code=~"5.."}[5m])) / sum by (${labels}) (rate(istio_requests_total[5m])) > 0.05`;

export const labelPairs = ({ caller, callee }: Call, naming: Naming): readonly (readonly [string, string])[] => {
  if (naming === 'nothing')
    return [
      ['alertname', 'DiskWillFill'],
      ['severity', 'warning'],
      ['device', callee],
    ];
  return [
    ['alertname', naming === 'edge' ? 'MeshEdgeErrorRatioHigh' : 'ServiceErrorRatioHigh'],
    ['severity', 'page'],
    ['destination_service_name', callee],
    ['destination_service_namespace', serviceNamed(callee).namespace],
    ...(naming === 'edge'
      ? ([
          ['source_workload', caller],
          ['source_workload_namespace', serviceNamed(caller).namespace],
        ] as const)
      : []),
  ];
};

/** Prometheus puts the rule's text into the address of its own graph. */
export const generatorUrl = (naming: Naming): string =>
  naming !== 'callee'
    ? ''
    : `http://prometheus/graph?g0.expr=${encodeURIComponent(failing('destination_service_name, destination_service_namespace'))}&g0.tab=1`;

/** One delivery of one firing alert, as Alertmanager sends it. `number` makes it an alert of its own. */
export const delivery = (
  call: Call,
  naming: Naming,
  startsAtMs: number,
  number = 0,
  status: 'firing' | 'resolved' = 'firing',
): string => {
  const labels = Object.fromEntries([...labelPairs(call, naming), ...(number > 0 ? [['pod', `pod-${number}`] as const] : [])]);
  return JSON.stringify({
    version: '4',
    groupKey: `{}:{alertname="${labels['alertname']}", edge="${call.caller}>${call.callee}", pod="${number}"}`,
    truncatedAlerts: 0,
    status,
    receiver: 'edgewise',
    groupLabels: labels,
    commonLabels: labels,
    commonAnnotations: { summary: 'more than 5 % failing' },
    externalURL: 'http://alertmanager:9093',
    alerts: [
      {
        status,
        labels,
        annotations: { summary: 'more than 5 % failing' },
        startsAt: new Date(startsAtMs).toISOString(),
        endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : new Date().toISOString(),
        generatorURL: generatorUrl(naming),
        fingerprint: Buffer.from(`${call.caller}>${call.callee} ${naming} ${number}`)
          .toString('hex')
          .slice(-16)
          .padStart(16, '0'),
      },
    ],
  });
};
