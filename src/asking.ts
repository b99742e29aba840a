import type { Finding } from './doctor/finding.ts';
import type { Edge } from './domain/edge.ts';
import type { Evidence } from './domain/evidence.ts';
import type { Incident } from './domain/incident.ts';
import type { Message, Picture, PictureSpec } from './domain/message.ts';
import { gather } from './gather.ts';
import type { Cluster } from './inquiry.ts';
import type { ChartRenderer, Clock } from './ports.ts';
import type { ObjectiveWorld } from './read-objectives.ts';
import type { Setting } from './stages/compose/setting.ts';

/** What an answer needs of the world. */
export type AskWorld = {
  readonly clusters: readonly Cluster[];
  readonly clock: Clock;
  readonly charts: ChartRenderer | null;
  readonly settingOf: (edge: Edge | null, cluster: string) => Setting;
  /** What is open now; absent where nobody keeps incidents, as on the command line. */
  readonly openIncidents?: () => Promise<readonly Incident[]>;
  /** Objectives, and what was read of them before; absent where nobody reads any. */
  readonly objectives?: ObjectiveWorld;
  /** Looks at everything that is configured, of one cluster where it is named; absent where nobody offers it. */
  readonly examine?: (cluster: string | null) => Promise<readonly Finding[]>;
};

/** The answer to one question: a message, and the picture and evidence behind it where there are any. */
export type Reply = {
  readonly message: Message;
  /** Drawn beside the text, which does not wait for it; null where there is none, or it could not be drawn. Never rejects. */
  readonly picture: Promise<Picture | null>;
  readonly evidence: Evidence | null;
  /** What a machine reads in place of the message, where neither that nor the evidence is it. */
  readonly json?: unknown;
  /** `not-found`: understood, but there is nothing to show, and the message says why. */
  readonly ending: 'answered' | 'unclear' | 'not-found';
};

const drawMs = 8000;

/** The picture of an answer, drawn while its text is told; null where there is nothing to draw, or it cannot be. */
export const drawnFor = async ({ charts }: AskWorld, spec: PictureSpec | null): Promise<Picture | null> => {
  if (spec === null || charts === null) return null;
  const drawn = await gather('the picture', 'pictures', drawMs, () => charts.draw(spec));
  return drawn.ok ? drawn.value : null;
};

/** A reply of words alone. */
export const said = (message: Message, ending: Reply['ending'] = 'answered'): Reply => ({
  message,
  picture: Promise.resolve(null),
  evidence: null,
  ending,
});
