import { z } from 'zod';
import type { AlertsSource } from '../../ports.ts';
import type { HttpSource } from '../http/client.ts';
import { expectJson } from '../http/json.ts';

const alerts = z.array(
  z.object({
    fingerprint: z.string(),
    startsAt: z.string(),
    status: z.object({
      state: z.enum(['active', 'suppressed', 'unprocessed']),
      silencedBy: z.array(z.string()).nullish(),
      inhibitedBy: z.array(z.string()).nullish(),
    }),
  }),
);

/** Alertmanager's API v2: the webhook never says that an alert was silenced, it just stops. */
export const alertmanager = (http: HttpSource): AlertsSource => ({
  name: http.name,
  active: async ({ signal }) => {
    const query = [
      ['active', 'true'],
      ['silenced', 'true'],
      ['inhibited', 'true'],
      ['unprocessed', 'true'],
    ] as const;
    const answer = await http.request({ path: 'api/v2/alerts', query, signal });
    return expectJson(http.name, answer, alerts).map(({ fingerprint, startsAt, status }) => ({
      fingerprint,
      startsAtMs: Date.parse(startsAt),
      state: status.state,
      silencedBy: status.silencedBy ?? [],
      inhibitedBy: status.inhibitedBy ?? [],
    }));
  },
});
