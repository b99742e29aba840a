/** An alert of a webhook body as Alertmanager writes it; `changes` may break anything. */
export const alertBody = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  status: 'firing',
  labels: { alertname: 'HighErrorRate', severity: 'page', cluster: 'blue' },
  annotations: { summary: 'checkout fails' },
  startsAt: '2026-11-24T07:15:20.5Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus:9090/graph?g0.expr=up',
  fingerprint: '9ca2e1d3a0b4c5f6',
  ...changes,
});

/** A webhook body, version 4, as Alertmanager 0.25 writes it. */
export const deliveryBody = (alerts: readonly unknown[]): Record<string, unknown> => ({
  receiver: 'edgewise',
  status: 'firing',
  alerts,
  groupLabels: { alertname: 'HighErrorRate' },
  commonLabels: { alertname: 'HighErrorRate' },
  commonAnnotations: {},
  externalURL: 'http://alertmanager:9093',
  version: '4',
  groupKey: '{}:{alertname="HighErrorRate"}',
  truncatedAlerts: 0,
});
