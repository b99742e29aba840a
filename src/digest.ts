import { type Digest, type DigestMemory, digestOf } from './domain/digest.ts';
import { type DigestSubscription, slosFor } from './domain/digest-subscription.ts';
import type { Message, Picture } from './domain/message.ts';
import { gather } from './gather.ts';
import type { Cluster } from './inquiry.ts';
import type { ChartRenderer } from './ports.ts';
import { type ObjectiveWorld, readAllObjectives } from './read-objectives.ts';
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

/** What the channel was told before, and what this digest is. */
type Telling = Pick<Digest, 'atMs' | 'lastAtMs' | 'rhythm'> & { readonly memory: readonly DigestMemory[] };

/** The third walk: how the objectives of a channel stand, as one message. */
export const digest = async (
  world: DigestWorld,
  wanted: Pick<DigestSubscription, 'channel' | 'channelName' | 'choice'>,
  { memory, ...telling }: Telling,
): Promise<ToldDigest> => {
  const { clusters, objectives, charts, timeZone, linkOf } = world;
  const { slos } = objectives;
  const { answers: read, gaps } = await readAllObjectives(objectives, clusters, slosFor(wanted, slos), telling.atMs, patienceMs);
  // Rules record objectives that no file defines: which of those are meant is known only now.
  const defined = new Set(slos.map(({ name }) => name));
  const found = read.map(({ reading }) => reading.slo).filter(({ name }) => !defined.has(name));
  const meant = new Set(slosFor(wanted, [...slos, ...found]).map(({ name }) => name));
  const answers = read.filter(({ reading }) => meant.has(reading.slo.name));
  const made = digestOf({ ...telling, ...(gaps.length === 0 ? {} : { gaps }) }, answers, memory);
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
