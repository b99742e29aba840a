import type { JsonObject } from './json.ts';

/** Configuration over REST: many proxies that watch files exhaust inotify. The server holds the question until there is something new. */
export const restSource: JsonObject = {
  resource_api_version: 'V3',
  api_config_source: {
    api_type: 'REST',
    transport_api_version: 'V3',
    cluster_names: ['control'],
    refresh_delay: '0.1s',
    request_timeout: '30s',
  },
};
