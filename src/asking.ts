import type { Finding } from './doctor/finding.ts';
import type { Edge } from './domain/edge.ts';
import type { Evidence } from './domain/evidence.ts';
import type { Incident } from './domain/incident.ts';
import type { Message, Picture } from './domain/message.ts';
import type { Cluster } from './inquiry.ts';
import type { ChartRenderer, Clock } from './ports.ts';
import type { Setting } from './stages/compose/setting.ts';

/** What an answer needs of the world. */
export type AskWorld = {
  readonly clusters: readonly Cluster[];
  readonly clock: Clock;
  readonly charts: ChartRenderer | null;
  readonly settingOf: (edge: Edge | null, cluster: string) => Setting;
  /** What is open now; absent where nobody keeps incidents, as on the command line. */
  readonly openIncidents?: () => Promise<readonly Incident[]>;
  /** Looks at everything that is configured, of one cluster where it is named; absent where nobody offers it. */
  readonly examine?: (cluster: string | null) => Promise<readonly Finding[]>;
};

/** The answer to one question: a message, and the picture and evidence behind it where there are any. */
export type Reply = {
  readonly message: Message;
  readonly picture: Picture | null;
  readonly evidence: Evidence | null;
  /** `not-found`: understood, but there is nothing to show, and the message says why. */
  readonly ending: 'answered' | 'unclear' | 'not-found';
};

/** A reply of words alone. */
export const said = (message: Message, ending: Reply['ending'] = 'answered'): Reply => ({
  message,
  picture: null,
  evidence: null,
  ending,
});
