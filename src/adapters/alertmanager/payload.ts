import { z } from 'zod';
import { type AlertGroup, type Labels, labelsOf } from '../../domain/alert.ts';
import { redact } from '../system/log.ts';
import { moment } from './moment.ts';

/** Alertmanager's webhook body, version 4, from 0.25 to 0.34: unknown keys are ignored, newer ones are used when there. */

/** `JSON.parse` keeps an own `__proto__`; reading the entries into a prototype-less object keeps it a label like any other. */
const labels = z
  .custom<Record<string, unknown>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'an object of text',
  )
  .transform((value, context): Labels => {
    const entries = Object.entries(value);
    const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    const wrong = entries.find(([, text]) => typeof text !== 'string');
    if (wrong) context.addIssue({ code: 'custom', message: 'text', path: [wrong[0]] });
    return labelsOf(texts);
  });

const optionalLabels = labels.nullish().transform((value): Labels => value ?? labelsOf([]));

/** A text that may be missing or null. */
const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? '');

/** Alertmanager writes the receiver's name as a regular expression (Go's QuoteMeta): `team.a` comes as `team\.a`. */
const unquoted = (text: string): string => text.replace(/\\([\\.+*?()|[\]{}^$])/g, '$1');

const alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels,
  annotations: optionalLabels,
  startsAt: moment,
  // Before 1970 there is only Go's zero time: not ended.
  endsAt: moment.nullish().transform((atMs) => (atMs === undefined || atMs === null || atMs < 0 ? null : atMs)),
  generatorURL: optionalText,
  fingerprint: z.string().min(1),
});

const body = z.object({
  version: z.literal('4'),
  receiver: z.string().transform(unquoted),
  status: z.enum(['firing', 'resolved']),
  groupKey: z.string().min(1),
  groupLabels: optionalLabels,
  commonLabels: optionalLabels,
  commonAnnotations: optionalLabels,
  routeLabels: optionalLabels,
  externalURL: optionalText,
  truncatedAlerts: z
    .number()
    .int()
    .nonnegative()
    .nullish()
    .transform((count) => count ?? 0),
  notification_reason: z
    .string()
    .nullish()
    .transform((text) => text ?? null),
  alerts: z.array(alert).min(1, 'at least one alert'),
});

/** Why a body was refused: the field, what was given (short), what is expected. */
type Refusal = { readonly field: string; readonly given: string; readonly expected: string };

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );

/** What was given, short and without secrets: a body may be anything, also somebody's token. */
const described = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object') return value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'string' ? JSON.stringify(redact(value.slice(0, 200), []).slice(0, 40)) : String(value);
};

const refused = (field: string, given: string, expected: string): Payload => ({ ok: false, refusal: { field, given, expected } });

/** Zod's "Invalid input: expected string, received undefined" says more than the reader needs. */
const expectation = (message: string): string => message.replace(/^Invalid \w+: expected /, '').replace(/, received .*$/s, '');

/** A parsed delivery, or the first thing that is wrong with it. */
type Payload = { readonly ok: true; readonly group: AlertGroup } | { readonly ok: false; readonly refusal: Refusal };

const groupOf = ({ externalURL, notification_reason, alerts, version: _, ...rest }: z.infer<typeof body>): AlertGroup => ({
  ...rest,
  externalUrl: externalURL,
  notificationReason: notification_reason,
  alerts: alerts.map(({ startsAt, endsAt, generatorURL, ...one }) => ({
    ...one,
    startsAtMs: startsAt,
    endsAtMs: endsAt,
    generatorUrl: generatorURL,
  })),
});

/** Reads a webhook body. Never throws; a refusal names the field, what was given and what is expected. */
export const readPayload = (text: string): Payload => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused('body', described(text), 'the JSON of an Alertmanager webhook');
  }
  if (at(value, ['version']) === '1') {
    return refused('version', '"1"', '"4", of Alertmanager; this is a webhook of Grafana: use its Alertmanager contact point');
  }
  const parsed = body.safeParse(value);
  if (parsed.success) return { ok: true, group: groupOf(parsed.data) };
  const { path = [], message = '' } = parsed.error.issues[0] ?? {};
  const field = path.map((key) => String(key).slice(0, 60)).join('.');
  return refused(field || 'body', described(at(value, path)), expectation(message));
};
