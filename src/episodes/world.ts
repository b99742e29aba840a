import type { Alert, Severity } from '../domain/alert.ts';
import type { Edge } from '../domain/edge.ts';
import type { Gap } from '../domain/gathered.ts';
import type { Incident, Scope } from '../domain/incident.ts';
import type { Route } from '../domain/routing.ts';
import type { Cluster } from '../inquiry.ts';
import type { AlertsSource, ChartRenderer, Clock, Log, Store } from '../ports.ts';
import type { Setting } from '../stages/compose/setting.ts';
import type { RecentEvidence } from './recent.ts';

/** What a delivery needs of the world. */
export type EpisodeWorld = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly charts: ChartRenderer | null;
  readonly clusterOf: (name: string) => Cluster;
  readonly alertsOf: (cluster: string) => AlertsSource | null;
  /** `workspace`: whose people read it. */
  readonly settingOf: (edge: Edge | null, cluster: string, workspace: string) => Setting;
  /** In the workspace of that name. */
  readonly routeOf: (alert: Alert, edge: Edge | null, severity: Severity, workspace: string) => Route;
  /** Whether a new root may carry its picture inline. */
  readonly hasPictureChannel: boolean;
  readonly wakeSender: () => void;
  readonly recent: RecentEvidence;
  readonly onGaps: (gaps: readonly Gap[]) => void;
  /** Where the message of an incident stands, for people to open; null where there is none, or until Slack has said whose workspace it is. */
  readonly linkOf: (incident: Pick<Incident, 'workspace' | 'channelId' | 'rootTs'>) => string | null;
  /** New messages that a channel may get in ten minutes; what is more shares one. 0: as many as come. */
  readonly channelBudget: number;
};

/** Text goes out this long after receipt, whatever is still being asked. */
export const textWithinMs = 2500;

/** Of one workspace and cluster. */
export const isOf =
  ({ workspace, cluster }: Scope) =>
  (incident: Incident): boolean =>
    incident.workspace === workspace && incident.cluster === cluster;

/** Items by a key, in the order in which the keys first appear. */
export const groupedBy = <T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
};
