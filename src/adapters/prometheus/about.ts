import { z } from 'zod';
import type { Ask, Clock } from '../../ports.ts';
import type { HttpAnswer, HttpSource } from '../http/client.ts';
import { readAnswer, saysExemplarStorage } from './exemplar-storage.ts';

/** What a metrics back end says of itself; null where it does not say. */
export type MetricsAbout = {
  readonly version: string | null;
  readonly hasExemplarStorage: boolean | null;
  /** How far its clock is ahead of ours, by the Date header. */
  readonly aheadSeconds: number | null;
};

const buildInfo = z.object({ data: z.object({ version: z.string().min(1), goVersion: z.string().min(1) }) });

/** Asks a back end about itself. VictoriaMetrics answers with a version that it is not, and without its compiler's: it says nothing. */
export const metricsAbout =
  (http: HttpSource, clock: Pick<Clock, 'nowMs'>) =>
  async ({ signal }: Ask): Promise<MetricsAbout> => {
    const ask = (path: string): Promise<HttpAnswer | null> => http.request({ path, signal }).catch(() => null);
    const [build, features, flagList] = await Promise.all([
      ask('api/v1/status/buildinfo'),
      ask('api/v1/features'),
      ask('api/v1/status/flags'),
    ]);
    const date = Date.parse(build?.headers['date'] ?? '');
    return {
      version: readAnswer(build, buildInfo)?.data.version ?? null,
      hasExemplarStorage: saysExemplarStorage(features, flagList),
      aheadSeconds: Number.isFinite(date) ? (date - clock.nowMs()) / 1000 : null,
    };
  };
