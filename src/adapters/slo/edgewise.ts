import { z } from 'zod';
import type { Edge, EdgeEnd } from '../../domain/edge.ts';
import { isZone } from '../../domain/local-time.ts';
import { channelPattern } from '../../domain/routing.ts';
import type { Sli, SloSubject, SloWindow } from '../../domain/slo.ts';
import { daysOf, latencyOf, percentExpected, percentOf, readName, rollingExpected } from './fields.ts';
import { type Found, fieldsOf, inWords, type SloSettings, shaped, type Teller, tellerOf, textAt } from './found.ts';
import { noticeOffEdge } from './thresholds.ts';

const like = (isGood: (text: string) => boolean, error: string) => z.string({ error }).refine(isGood, { error });

const part = '[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?';
const endPattern = new RegExp(`^(?:(${part})/)?(${part})$`);
const arrow = /\s*(?:->|→)\s*/;

const named = (text: string): { readonly namespace: string | null; readonly name: string } | null => {
  const [, namespace = null, , name] = endPattern.exec(text.trim()) ?? [];
  return name === undefined ? null : { namespace, name };
};

/** Two names with their namespaces are at most this long; looking for the arrow in 200,000 spaces takes minutes. */
const longestEdge = 1100;

const edgeIn = (text: string): Omit<Edge, 'cluster'> | null => {
  if (text.length > longestEdge) return null;
  const [from, to, ...rest] = text.split(arrow).map(named);
  if (!from || !to || rest.length > 0) return null;
  return {
    source: { namespace: from.namespace, workload: from.name, service: null },
    destination: { namespace: to.namespace, workload: null, service: to.name },
  };
};

const calleeIn = (text: string): EdgeEnd | null => {
  const end = named(text);
  return end === null ? null : { namespace: end.namespace, workload: null, service: end.name };
};

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `${values.slice(0, -1).join(', ')} or ${values.at(-1)}` });

const calendar = z.strictObject({
  calendar: oneOf(['day', 'week', 'month', 'quarter', 'year']),
  zone: like(isZone, 'an IANA zone, such as Europe/Berlin'),
});
const windowExpected = `${rollingExpected}, or {calendar: month, zone: Europe/Berlin}`;
const window = z.unknown().transform((given, context): SloWindow => {
  const days = typeof given === 'string' ? daysOf(given) : null;
  if (days !== null) return { kind: 'rolling', days };
  const parsed = calendar.safeParse(given);
  if (parsed.success) return { kind: 'calendar', unit: parsed.data.calendar, zone: parsed.data.zone };
  if (fieldsOf(given).size === 0) context.addIssue({ code: 'custom', message: windowExpected });
  else
    for (const { path, message, ...issue } of parsed.error.issues)
      context.addIssue({
        code: 'custom',
        path,
        message: 'keys' in issue ? `no ${issue.keys.join(', ')}, but ${windowExpected}` : message,
      });
  return z.NEVER;
});

const percentage = like((given) => percentOf(given) !== null, percentExpected);
const text = (what: string) => like((given) => /^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u.test(given), what);

/** What `defaults` may say once for all. */
const shared = {
  window: window.optional(),
  bad: oneOf(['failed', 'failed-and-refused', 'non-2xx']).optional(),
  reporter: oneOf(['destination', 'source']).optional(),
  cluster: text('the name of a cluster').optional(),
  owner: text('the name of who owns it').optional(),
  channel: like((given) => channelPattern.test(given), 'a channel, such as "#payments" (in quotes)').optional(),
};

const latencyShape = {
  objective: percentage,
  below: like((given) => latencyOf(given) !== null, 'a duration in ms, s or m, such as 250ms or 1.5s'),
  offEdge: oneOf(['refuse', 'pessimistic']).optional(),
};
const latency = z.strictObject(latencyShape, { error: 'a mapping, such as {objective: 99, below: 250ms}' });

const defaults = z.strictObject(shared, { error: 'a mapping, such as {window: 30d}' });
const objective = z.strictObject({
  ...shared,
  name: z.string({ error: 'a name' }),
  service: like((given) => calleeIn(given) !== null, 'a service, such as shop/payments').optional(),
  edge: like((given) => edgeIn(given) !== null, 'an edge, such as "shop/checkout -> shop/payments"').optional(),
  availability: percentage.optional(),
  latency: latency.optional(),
});

type Given = z.output<typeof objective>;
type Defaults = z.output<typeof defaults>;

const objectiveKeys = [...Object.keys(objective.shape), ...Object.keys(latencyShape), ...Object.keys(calendar.shape)];

/** What other tools, or other places of this format, call what is meant. */
const meant: Readonly<Record<string, string>> = {
  ...{ target: 'availability, or objective in latency', objective: 'availability, or latency: {objective: 99, below: 250ms}' },
  ...{ threshold: 'below, in latency', below: 'latency: {objective: 99, below: 250ms}', offEdge: 'it in latency' },
  ...{ calendar: 'window: {calendar: month, zone: Europe/Berlin}', zone: 'window: {calendar: month, zone: Europe/Berlin}' },
  ...{ period: 'window', duration: 'window', timeWindow: 'window', team: 'owner' },
};

const subjectOf = (teller: Teller, { service, edge }: Given, cluster: string | null): SloSubject | null => {
  if (service !== undefined && edge !== undefined)
    return teller.refuse('service and edge', inWords('set both'), 'one of the two');
  const [callee, ends] = [calleeIn(service ?? ''), edgeIn(edge ?? '')];
  if (callee !== null) return { kind: 'service', callee };
  return ends === null
    ? teller.refuse('service', undefined, 'a service, or an edge')
    : { kind: 'edge', edge: { cluster, ...ends } };
};

const sliOf = (teller: Teller, given: Given, { bad, reporter = 'destination' }: Defaults): Sli | null => {
  const { availability, latency } = given;
  if (availability !== undefined && latency !== undefined)
    return teller.refuse('availability and latency', inWords('set both'), 'one of the two: make two objectives of it');
  if (availability !== undefined) return { kind: 'availability', bad: bad ?? 'failed', reporter };
  if (latency === undefined)
    return teller.refuse('availability', undefined, 'availability: 99.9, or latency: {objective: 99, below: 250ms}');
  if (given.bad !== undefined)
    return teller.refuse('bad', given.bad, 'it beside availability alone: of a latency, what is slower is bad');
  const thresholdSeconds = latencyOf(latency.below) ?? 0;
  return { kind: 'latency', thresholdSeconds, offEdge: latency.offEdge ?? 'refuse', reporter };
};

const readOne = (found: Found, file: string, value: unknown, index: number, usual: Defaults, settings: SloSettings): void => {
  const label = textAt(value, 'name');
  if (fieldsOf(value).size === 0)
    return void tellerOf(found, 'Edgewise', file, null).refuse(
      `slos[${index}]`,
      value,
      'a mapping, such as {name: payments-availability, service: shop/payments, availability: 99.9}',
    );
  const teller = tellerOf(found, 'Edgewise', file, label ?? `slos[${index}]`);
  const given = shaped(teller, objective, value, objectiveKeys, meant);
  if (given === null) return;
  const all = { ...usual, ...Object.fromEntries(Object.entries(given).filter(([, one]) => one !== undefined)) } as Defaults;
  const name = readName(teller, 'name', label);
  const cluster = all.cluster ?? null;
  const about = subjectOf(teller, given, cluster);
  const sli = sliOf(teller, given, all);
  const objectivePpm = percentOf(given.availability ?? given.latency?.objective ?? '');
  if (all.window === undefined) teller.refuse('window', undefined, `${windowExpected}; here or in defaults`);
  if (name === null || about === null || sli === null || objectivePpm === null || all.window === undefined) return;
  if (sli.kind === 'latency') noticeOffEdge(teller, sli.thresholdSeconds, cluster, settings);
  const { window, owner = null, channel = null } = all;
  found.slos.push({ name, about, sli, objectivePpm, window, cluster, owner, channel, origin: { format: 'Edgewise', file } });
};

const head = z.strictObject({
  edgewise: z.literal('slos/v1', { error: 'slos/v1' }),
  defaults: defaults.optional(),
  slos: z.array(z.unknown(), { error: 'a list of objectives' }).min(1, 'at least one objective'),
});

/** Reads a document of our own format. What it does not know is a mistake: a typo must not switch something off in silence. */
export const readEdgewise = (found: Found, file: string, value: unknown, settings: SloSettings): void => {
  const teller = tellerOf(found, 'Edgewise', file, null);
  const given = shaped(
    teller,
    head,
    value,
    [...Object.keys(head.shape), ...Object.keys(shared), ...Object.keys(calendar.shape)],
    meant,
  );
  if (given === null) return;
  for (const [index, one] of given.slos.entries()) readOne(found, file, one, index, given.defaults ?? {}, settings);
};
