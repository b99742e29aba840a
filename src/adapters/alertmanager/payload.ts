import { z } from 'zod';
import { type AlertGroup, type Labels, labelsOf } from '../../domain/alert.ts';

/** Alertmanager's webhook body, version 4, from 0.25 to 0.34: unknown keys are ignored, newer ones are used when there. */

/** `JSON.parse` keeps an own `__proto__`; reading the entries into a prototype-less object keeps it a label like any other. */
const labels = z
  .custom<Record<string, unknown>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'an object of text',
  )
  .transform((value, context): Labels => {
    const entries = Object.entries(value);
    const wrong = entries.find(([, text]) => typeof text !== 'string');
    if (wrong) context.addIssue({ code: 'custom', message: 'text', path: [wrong[0].slice(0, 60)] });
    return labelsOf(entries.map(([name, text]) => [name, String(text)]));
  });

const optionalLabels = labels.nullish().transform((value): Labels => value ?? labelsOf([]));

/** RFC 3339 as Go prints it: up to nanoseconds, any offset. */
const moment = z.string().transform((text, context) => {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) context.addIssue({ code: 'custom', message: 'an RFC 3339 time such as 2026-11-24T07:15:20Z' });
  return atMs;
});

/** Go's zero time: not ended. */
const isZeroTime = (atMs: number): boolean => atMs <= Date.UTC(1, 0, 2) || atMs < Date.UTC(1970, 0, 1);

const alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels,
  annotations: optionalLabels,
  startsAt: moment,
  endsAt: moment.nullish().transform((atMs) => (atMs === undefined || atMs === null || isZeroTime(atMs) ? null : atMs)),
  generatorURL: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
  fingerprint: z.string().min(1),
});

const body = z.object({
  version: z.literal('4'),
  receiver: z.string(),
  status: z.enum(['firing', 'resolved']),
  groupKey: z.string().min(1),
  groupLabels: optionalLabels,
  commonLabels: optionalLabels,
  commonAnnotations: optionalLabels,
  routeLabels: optionalLabels,
  externalURL: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
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
  alerts: z.array(alert),
});

/** Why a body was refused: the field, what was given (short), what is expected. */
export type Refusal = { readonly field: string; readonly given: string; readonly expected: string };

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );

const described = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object') return value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object';
  return JSON.stringify(String(value).slice(0, 40));
};

/** A parsed delivery, or the first thing that is wrong with it. */
export const readPayload = (
  text: string,
): { readonly ok: true; readonly group: AlertGroup } | { readonly ok: false; readonly refusal: Refusal } => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, refusal: { field: 'body', given: described(text), expected: 'the JSON of an Alertmanager webhook' } };
  }
  if (at(value, ['version']) === '1' && at(value, ['orgId']) !== undefined) {
    return {
      ok: false,
      refusal: {
        field: 'version',
        given: '"1"',
        expected: 'version "4" of Alertmanager: this is Grafana\'s own webhook, use its Alertmanager contact point',
      },
    };
  }
  const parsed = body.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path ?? [];
    return {
      ok: false,
      refusal: {
        field: path.map(String).join('.') || 'body',
        given: described(at(value, path)),
        expected: issue?.message ?? 'an Alertmanager webhook, version 4',
      },
    };
  }
  const {
    groupKey,
    receiver,
    status,
    groupLabels,
    commonLabels,
    commonAnnotations,
    routeLabels,
    externalURL,
    truncatedAlerts,
    notification_reason,
    alerts,
  } = parsed.data;
  return {
    ok: true,
    group: {
      receiver,
      status,
      groupKey,
      groupLabels,
      commonLabels,
      commonAnnotations,
      routeLabels,
      externalUrl: externalURL,
      truncatedAlerts,
      notificationReason: notification_reason,
      alerts: alerts.map(({ startsAt, endsAt, generatorURL, ...rest }) => ({
        ...rest,
        startsAtMs: startsAt,
        endsAtMs: endsAt,
        generatorUrl: generatorURL,
      })),
    },
  };
};
