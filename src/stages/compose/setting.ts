import type { Severity } from '../../domain/alert.ts';
import type { FloodEdge } from '../../domain/flood.ts';
import type { Deed, IncidentSilence, PartOf } from '../../domain/incident.ts';
import type { Many } from '../../domain/storm.ts';
import type { Mrkdwn } from './mrkdwn.ts';
import type { TraceUi } from './trace-links.ts';

/** What the composers know beside the report: the reader's zone, where links may lead, who owns what. From configuration only. */
export type Setting = {
  /** IANA zone of the channel. */
  readonly timeZone: string;
  /** Hosts that alert annotations may link to. */
  readonly linkHosts: readonly string[];
  readonly grafanaUrl: string | null;
  /** UID of the Istio Service dashboard in that Grafana; assigned per installation, so configured. */
  readonly serviceDashboardUid: string | null;
  readonly controlPlaneDashboardUid: string | null;
  readonly kialiUrl: string | null;
  /** Where people open traces of this cluster. */
  readonly traceUi: TraceUi | null;
  /** Owner names of callee and caller, as configured; null where nobody is named. */
  readonly owners: { readonly callee: string | null; readonly caller: string | null };
  /** Buttons below messages that somebody answers: none where nothing listens to clicks. */
  readonly buttons: readonly IncidentButton[];
  /** Opens our Home in Slack's clients; null until Slack has said whose app this is, and where nobody hears that it is opened. */
  readonly homeUrl: string | null;
};

/** What can be done about an incident from its messages. */
export type IncidentButton = 'acknowledge' | 'silence' | 'drill' | 'refresh' | 'feedback';

/** Where the incident stands, as the root shows it. */
export type Standing = {
  readonly state: 'firing' | 'resolved' | 'unreported';
  readonly alertCount: number;
  readonly reopened: number;
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
  /** Whom buttons speak of; null for a question, which is no incident. */
  readonly incidentId: string | null;
  /** The loudest of its alerts that fire, whichever of them are measured; null for a question: that of what was measured. */
  readonly severity: Severity | null;
  /** All its callers and those in trouble still, where it is about many; null: about one edge. */
  readonly callers: Many | null;
  /** What it is about, where it holds what a channel got beyond its budget; null: it does not. */
  readonly edges: readonly FloodEdge[] | null;
  /** The incident that speaks for it; null: it speaks for itself. */
  readonly partOf: PartOf | null;
  readonly acknowledged: Deed | null;
  /** Those that people made here and that last still. */
  readonly silences: readonly IncidentSilence[];
};

/** Marks of severity and state: word and sign, never colour alone. */
export const stateSign: Readonly<Record<Severity | 'resolved' | 'unreported', string>> = {
  page: '🔴',
  warning: '🟠',
  info: '🔵',
  none: '⚪',
  resolved: '✅',
  unreported: '⚪',
};

export type Paragraph = Mrkdwn | null;
