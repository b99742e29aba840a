import { z } from 'zod';
import type { Ask } from '../../ports.ts';
import type { HttpSource } from '../http/client.ts';
import { expectJson } from '../http/json.ts';

/** What Alertmanager says of itself; `sendsToUs` is null where it hides its addresses. */
export type AlertmanagerAbout = { readonly version: string; readonly sendsToUs: boolean | null };

const status = z.object({
  versionInfo: z.object({ version: z.string() }),
  config: z.object({ original: z.string() }),
});

/** Newer ones print the address of a webhook as `<secret>`. */
const sendsToUs = (config: string): boolean | null => {
  if (/\/webhooks\/alertmanager\b/.test(config)) return true;
  return /webhook_configs:[\s\S]*?(url: <secret>|url_file:)/.test(config) ? null : false;
};

/** Throws only `SourceError`. */
export const alertmanagerAbout =
  (http: HttpSource) =>
  async ({ signal }: Ask): Promise<AlertmanagerAbout> => {
    const { versionInfo, config } = expectJson(http.name, await http.request({ path: 'api/v2/status', signal }), status);
    return { version: versionInfo.version, sendsToUs: sendsToUs(config.original) };
  };
