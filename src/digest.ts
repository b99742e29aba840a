import { type Digest, digestOf } from './domain/digest.ts';
import type { Message, Picture } from './domain/message.ts';
import type { Slo } from './domain/slo.ts';
import type { EpochMs } from './domain/time.ts';
import { gather } from './gather.ts';
import type { Cluster } from './inquiry.ts';
import type { ChartRenderer } from './ports.ts';
import { type ObjectiveWorld, readObjectives } from './read-objectives.ts';
import { digestMessage } from './stages/compose/digest.ts';
import { digestTable } from './stages/compose/digest-table.ts';
import type { SloAnswer } from './stages/compose/slo-answer.ts';
import { budgetPicture } from './stages/draw/budget.ts';

/** What a channel is told: the message, its thread and its picture; and the figures behind them. */
type ToldDigest = {
  readonly digest: Digest;
  readonly answers: readonly SloAnswer[];
  readonly message: Message;
  readonly thread: Message;
  /** Drawn beside the text, which does not wait for it; null where there is nothing to draw, or it cannot be. Never rejects. */
  readonly picture: Promise<Picture | null>;
};

type DigestWorld = {
  readonly clusters: readonly Cluster[];
  readonly objectives: ObjectiveWorld;
  readonly charts: ChartRenderer | null;
  readonly timeZone: string;
  /** Where the message of an incident stands; null where it is not known. */
  readonly linkOf: (incidentId: string) => string | null;
};

/** A morning's digest may read a month the first time; nobody waits for it. */
const patienceMs = 300_000;
const drawMs = 10_000;

/** The third walk: how all these objectives stand, as one message. */
export const digest = async (
  world: DigestWorld,
  slos: readonly Slo[],
  told: Pick<Digest, 'lastAtMs' | 'rhythm'> & { readonly atMs: EpochMs },
): Promise<ToldDigest> => {
  const { clusters, objectives, charts, timeZone, linkOf } = world;
  const answers = await readObjectives(objectives, clusters, slos, told.atMs, patienceMs);
  const made = digestOf(told, answers, []);
  const urgent = made.lines.flatMap(({ reading, standing: { left }, spenders }) =>
    left === null ? [] : [{ reading, left, incidents: spenders.flatMap(({ incidents }) => incidents) }],
  );
  const spec = budgetPicture(urgent, timeZone);
  const draw = async (): Promise<Picture | null> => {
    if (spec === null || charts === null) return null;
    const drawn = await gather('the picture', 'pictures', drawMs, () => charts.draw(spec));
    return drawn.ok ? drawn.value : null;
  };
  return {
    digest: made,
    answers,
    message: digestMessage(made, { timeZone, linkOf }),
    thread: digestTable(made),
    picture: draw(),
  };
};
