import { z } from 'zod';
import { labelsOf } from '../../domain/alert.ts';
import type { AlertsSource } from '../../ports.ts';
import type { HttpSource } from '../http/client.ts';
import { expectJson } from '../http/json.ts';
import { moment } from './moment.ts';

const identifiers = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);

const alerts = z.array(
  z
    .object({
      fingerprint: z.string(),
      labels: z.record(z.string(), z.string()).nullish(),
      startsAt: moment,
      status: z.object({
        state: z.enum(['active', 'suppressed', 'unprocessed']),
        silencedBy: identifiers,
        inhibitedBy: identifiers,
      }),
    })
    .transform(({ fingerprint, labels, startsAt, status }) => ({
      fingerprint,
      labels: labelsOf(Object.entries(labels ?? {})),
      startsAtMs: startsAt,
      ...status,
    })),
);

/** Everything the API would else leave out: the webhook never says that an alert was silenced or inhibited, it just stops. */
const query = [
  ['active', 'true'],
  ['silenced', 'true'],
  ['inhibited', 'true'],
  ['unprocessed', 'true'],
] as const;

/** Alertmanager's API v2: which alerts live now, and what holds them back. Throws only `SourceError`. */
export const alertmanagerApi = (http: HttpSource): AlertsSource => ({
  name: http.name,
  active: async ({ signal }) => expectJson(http.name, await http.request({ path: 'api/v2/alerts', query, signal }), alerts),
});
