import type { Slo } from '../../src/domain/slo.ts';
import type { Gauge } from './slo-month.ts';

/** Bad and all events of an objective per second or over a window, as people write them: one selector each. */
type Sides = { readonly bad: (window: string) => string; readonly total: (window: string) => string };

const matchersOf = ({ about }: Slo): string => {
  if (about.kind !== 'service') throw new Error('the bench asks about services');
  const { namespace, service } = about.callee;
  return `reporter="destination",destination_service_namespace="${namespace}",destination_service_name="${service}"`;
};

const sidesOf = (slo: Slo, over: 'increase' | 'rate'): Sides => {
  const own = matchersOf(slo);
  const sum =
    (metric: string, more = '') =>
    (window: string) =>
      `sum(${over}(${metric}{${own}${more}}[${window}]))`;
  const duration = 'istio_request_duration_milliseconds';
  if (slo.sli.kind === 'availability')
    return { bad: sum('istio_requests_total', ',response_code=~"5.."'), total: sum('istio_requests_total') };
  const [total, within] = [sum(`${duration}_count`), sum(`${duration}_bucket`, ',le=~"250|250\\\\.0"')];
  return { bad: (window) => `${total(window)} - ${within(window)}`, total };
};

/** Bad and all events of the whole window, each in one question. */
export const rawQueries = (slo: Slo): readonly string[] => {
  const { bad, total } = sidesOf(slo, 'increase');
  return [bad('30d'), total('30d')];
};

/** As Sloth records them (slok/sloth, internal/plugin/slo/core/sli_rules_v1): shares of each window of the burn, and the mean of the period. */
const slothWindows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;

const idOf = ({ name }: Slo): string => `mesh-${name}`;
const own = (slo: Slo): string => `sloth_id="${idOf(slo)}",sloth_service="mesh",sloth_slo="${slo.name}"`;

export const slothRules = (slo: Slo): readonly string[] => {
  const { bad, total } = sidesOf(slo, 'rate');
  const mean = `slo:sli_error:ratio_rate5m{${own(slo)}}[30d]`;
  return [
    ...slothWindows.map((window) => `(${bad(window)}) / (${total(window)})`),
    `sum_over_time(${mean}) / ignoring (sloth_window) count_over_time(${mean})`,
  ];
};

/** The series that those rules record; every share is the same, since what reading them costs does not hang on what they say. */
export const slothSeries = (slo: Slo): readonly Gauge[] => {
  const labels = { sloth_id: idOf(slo), sloth_service: 'mesh', sloth_slo: slo.name };
  const objective = slo.objectivePpm / 1_000_000;
  const gauge = (name: string, value: number, more: Readonly<Record<string, string>> = {}): Gauge => ({
    labels: { __name__: name, ...labels, ...more },
    valueAt: () => value,
  });
  return [
    ...[...slothWindows, '30d'].map((window) =>
      gauge(`slo:sli_error:ratio_rate${window}`, (1 - objective) / 2, { sloth_window: window }),
    ),
    gauge('slo:objective:ratio', objective),
    gauge('slo:time_period:days', 30),
    gauge('sloth_slo_info', 1, { sloth_objective: String(objective * 100), sloth_spec: 'prometheus/v1' }),
  ];
};
