import type { Evidence } from '../domain/evidence.ts';
import type { Picture } from '../domain/message.ts';
import type { Report } from '../domain/report.ts';
import { gather } from '../gather.ts';
import type { Cluster } from '../inquiry.ts';
import { waterfallPicture } from '../stages/draw/waterfall/picture.ts';
import type { EpisodeWorld } from './world.ts';

/** Trace stores take their time: a trace that an exemplar names is there within one and a half minutes, or not at all. */
const againAfterMs = [5_000, 10_000, 15_000, 60_000] as const;

/** Evidence that says which store is still being asked for the worst request. */
export const stillFollowing = (evidence: Evidence, { tracing }: Cluster): Evidence =>
  tracing === undefined ? evidence : { ...evidence, pending: [...evidence.pending, tracing.traces.name] };

/** Draws the worst request; a picture that fails is a line in the log, never a lost text. */
export const drawTrace = async (world: EpisodeWorld, { evidence }: Report): Promise<Picture | null> => {
  const { charts } = world;
  const told = evidence.tracing?.ok ? evidence.tracing.value : null;
  if (charts === null || told === null || told.worst === null) return null;
  const { trace, analysis, sentence } = told.worst;
  const spec = waterfallPicture({ trace, analysis, sentence, store: told.source });
  const drawn = await gather('the waterfall', 'pictures', 10_000, () => charts.draw(spec));
  if (!drawn.ok) world.log('warn', 'a picture could not be drawn', { gap: drawn.gap });
  return drawn.ok ? drawn.value : null;
};

/** Where an exemplar names a trace that is too young to be found, it is looked for again: 5, 15, 30 and 90 s after the first time. */
export const lookAgainLater = async (
  world: EpisodeWorld,
  incidentId: string,
  { evidence }: Report,
  attempt: number,
): Promise<void> => {
  const afterMs = againAfterMs[attempt];
  if (afterMs === undefined || !evidence.tracing?.ok || !evidence.tracing.value.isYoung) return;
  await world.store.later({ kind: 'trace', incidentId, attempt }, world.clock.nowMs() + afterMs);
};
