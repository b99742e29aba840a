import type { EdgeName, Fault } from '../lab.ts';
import type { Grade, Said } from './grade.ts';
import type { Traced } from './traced.ts';

/** What stood in a message at one time, with its grade. */
export type Telling = { readonly said: Said; readonly grade: Grade };

/** One message with its grade: of all that it told, before it was edited and after, the worst. */
export type Graded = Telling & {
  /** All that it told, in order, where that was more than one thing. */
  readonly tellings?: readonly Telling[];
};

/** All that a message told, in order. */
export const tellingsOf = (message: Graded): readonly Telling[] => message.tellings ?? [message];

/** What came of one fault. */
export type FaultResult = {
  readonly name: string;
  readonly says: string;
  readonly kind: Fault['kind'];
  /** The rule, the side and the edge that the truth names first; null where nothing may be named. */
  readonly expected: { readonly rule: string | null; readonly side: string | null; readonly edge: EdgeName | null };
  readonly seconds: number;
  /** How late the lab's own timers came, at worst but one in a hundred: a machine that is too busy is slow in earnest. */
  readonly lagMs: number;
  /** Alerts that fired. */
  readonly alerts: readonly string[];
  readonly messages: readonly Graded[];
  /** What its messages should say between them, and none of them does. */
  readonly unmet?: readonly string[];
  /** What the bot knew of the worst trace; absent where no trace store was asked. Not graded. */
  readonly trace?: Traced;
  /** Why an alert may fire though nothing may be blamed. */
  readonly mayAlert?: string;
  /** What went wrong with the lab or with the way from verdict to message: not a wrong verdict, and never a right one. */
  readonly errors: readonly string[];
};

/**
 * Timers that come so late say that the machine was not the mesh's alone, so that a latency may be the machine's: the fault is run once
 * more, whatever came of it. On two cores that do nothing else half of the faults stay below 25 ms; every latency of seconds in a healthy
 * callee came with more than this.
 */
export const busyMs = 60;

/** Programs that a run was made with. */
type Versions = {
  readonly envoy: string;
  readonly prometheus: string;
  readonly alertmanager: string;
  /** The bot's commit. */
  readonly edgewise: string;
  /** Absent where nobody kept traces. */
  readonly zipkin?: string;
};

/** One run of the lab, as `--out` saves it. */
export type LabRun = {
  readonly version: 1;
  /** Date of the run, ISO 8601. */
  readonly at: string;
  readonly minutes: number;
  readonly versions: Versions;
  /** Faults that were run again, since the machine was too busy the first time; absent where nobody counted them. */
  readonly again?: readonly string[];
  readonly results: readonly FaultResult[];
};

/** One row of figures of simulated meshes (requests that are drawn instead of sent): how many edges, faults and what came of them. */
export type SimulatedMeshes = {
  /** One sentence: what was simulated, and by which program. */
  readonly says: string;
  readonly at: string;
  readonly rows: readonly {
    /** What the row is about: "sick edges", "quiet edge-hours" … */
    readonly what: string;
    readonly right: number;
    readonly total: number;
  }[];
};

/** Right when every message about it is right, they say between them what must be said, and nothing else went wrong. */
export const isRight = ({ messages, unmet = [], errors }: FaultResult): boolean =>
  errors.length === 0 && unmet.length === 0 && messages.length > 0 && messages.every(({ grade }) => grade.isRight);
