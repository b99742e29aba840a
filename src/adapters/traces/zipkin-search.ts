import { z } from 'zod';
import type { HttpSource } from '../http/client.ts';

/** What Zipkin tells its own pages of itself (openzipkin/zipkin, zipkin-server/README.md, "ui"). */
const settings = z.object({ searchEnabled: z.boolean() });

/**
 * Whether a Zipkin says that it gives traces by their ids alone (SEARCH_ENABLED=false): asked for services or traces it then answers that there are
 * none. False where it does not tell, as one without pages.
 */
export const isSearchOff = async (http: HttpSource, signal: AbortSignal): Promise<boolean> => {
  try {
    const { status, text } = await http.request({ path: 'zipkin/config.json', signal });
    return status === 200 && settings.safeParse(JSON.parse(text)).data?.searchEnabled === false;
  } catch {
    return false;
  }
};
