import { httpSource } from '../src/adapters/http/client.ts';
import { prometheus } from '../src/adapters/prometheus/metrics-source.ts';
import { type Call, calls, serviceNamed, services } from '../src/demo/mesh/topology.ts';
import { istio } from '../src/dialects/istio.ts';
import { type Alert, labelsOf } from '../src/domain/alert.ts';
import { locate } from '../src/locate.ts';
import type { MetricsSource } from '../src/ports.ts';
import { measure } from '../src/triage.ts';
import { generatorUrl, labelPairs, type Naming } from './support/alerts.ts';
import { type Cost, counted } from './support/counted.ts';
import { dashboardCost } from './support/dashboard.ts';
import { type Program, percent, table } from './support/table.ts';

const minuteMs = 60_000;
const callsAim = 20;
const samplesAim = 0.25;

/** The busiest edge into a service: the dearest. */
const busiest = (service: string): Call | null =>
  [...calls].filter(({ callee }) => callee === service).sort((a, b) => b.perSecond - a.perSecond)[0] ?? null;

const alertOf = (call: Call, naming: Naming, startsAtMs: number): Alert => ({
  fingerprint: `${call.caller}>${call.callee}`,
  status: 'firing',
  labels: labelsOf(labelPairs(call, naming)),
  annotations: labelsOf([]),
  startsAtMs,
  endsAtMs: null,
  generatorUrl: generatorUrl(naming),
});

type Triaged = { readonly cost: Cost; readonly hops: number };

const triage = async (source: MetricsSource, alert: Alert, atMs: number): Promise<Triaged> => {
  const { metrics, cost } = counted(source);
  const cluster = { name: 'demo', dialect: istio, metrics, rules: null, deadlineMs: 60_000 };
  const evidence = await measure(cluster, await locate(cluster, alert, atMs), [alert], atMs);
  if (evidence.gaps.length > 0) throw new Error(`a triage with gaps proves nothing: ${JSON.stringify(evidence.gaps[0])}`);
  return { cost, hops: Math.max(0, evidence.path.length - 1) };
};

/** How old the incident is at the time of the triage: the windows grow with it. */
const ages = { fresh: 3, old: 18 } as const;

type Row = {
  readonly service: string;
  readonly edge: Triaged;
  readonly callee: Triaged;
  readonly old: Triaged;
  readonly hour: number;
  readonly quarter: number;
};

const rowOf = async (source: MetricsSource, call: Call, brokenAtMs: number): Promise<Row> => {
  const ask = (naming: Naming, minutes: number): Promise<Triaged> =>
    triage(source, alertOf(call, naming, brokenAtMs + 1.5 * minuteMs), brokenAtMs + minutes * minuteMs);
  const service = `${call.callee}.${serviceNamed(call.callee).namespace}.svc.cluster.local`;
  const seenAtMs = brokenAtMs + ages.fresh * minuteMs;
  const edge = await ask('edge', ages.fresh);
  const callee = await ask('callee', ages.fresh);
  const old = await ask('edge', ages.old);
  const hour = await dashboardCost(source, service, seenAtMs, 60);
  const quarter = await dashboardCost(source, service, seenAtMs, 15);
  return { service: call.callee, edge, callee, old, hour: hour.samples, quarter: quarter.samples };
};

const worstOf = ({ edge, callee, old }: Row): number => Math.max(edge.cost.samples, callee.cost.samples, old.cost.samples);
const asked = ({ cost, hops }: Triaged): string => `${cost.calls} in ${cost.waves} waves, ${hops} hops, ${cost.samples} samples`;

export const queries: Program = {
  name: 'queries',
  says: 'PromQL calls, waves and samples of one triage, against the Istio Service dashboard opened for the same service',
  run: async ({ lab, say }) => {
    const { url, brokenAtMs } = await lab();
    const options = { pinned: [], concurrency: 2, maxSeries: 50_000, queryTimeoutSeconds: 60, onQuery: () => undefined };
    const http = httpSource({ name: 'Prometheus', url });
    const source = prometheus(http, options);
    const rows: Row[] = [];
    for (const { name } of services) {
      const call = busiest(name);
      if (call === null) continue;
      rows.push(await rowOf(source, call, brokenAtMs));
      say(`queries: ${name}`);
    }
    await http.close();
    const triages = rows.flatMap(({ edge, callee, old }) => [edge, callee, old]);
    const most = Math.max(...triages.map(({ cost }) => cost.calls));
    const atHour = rows.map((row) => worstOf(row) / row.hour);
    const atQuarter = rows.map((row) => worstOf(row) / row.quarter);
    return {
      figures: [
        {
          what: `samples of the dearest triage ÷ dashboard at its last hour, worst of ${rows.length} services`,
          seen: percent(Math.max(...atHour)),
          aim: `< ${percent(samplesAim)}`,
          isMet: Math.max(...atHour) < samplesAim,
        },
        { what: 'the same ÷ dashboard at its last 15 minutes, worst', seen: percent(Math.max(...atQuarter)) },
        { what: 'PromQL calls of one triage, most', seen: String(most), aim: `≤ ${callsAim}`, isMet: most <= callsAim },
        { what: 'sequential waves of one triage, most', seen: String(Math.max(...triages.map(({ cost }) => cost.waves))) },
      ],
      notes: [
        table(
          [
            'service',
            'alert names the edge',
            'names the callee only',
            `edge, ${ages.old} min old`,
            '÷ last hour',
            '÷ last 15 min',
          ],
          rows.map((row, index) => [
            row.service,
            asked(row.edge),
            asked(row.callee),
            asked(row.old),
            `${percent(atHour[index] ?? Number.NaN)} of ${row.hour}`,
            `${percent(atQuarter[index] ?? Number.NaN)} of ${row.quarter}`,
          ]),
        ),
      ],
    };
  },
};
