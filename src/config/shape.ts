import type { SloSettings } from '../adapters/slo/found.ts';
import type { NamedHistogram } from '../domain/exemplar.ts';
import type { Matcher } from '../domain/promql.ts';
import type { Roles } from '../domain/roles.ts';
import type { Routing, WorkspaceRule } from '../domain/routing.ts';
import type { SilenceLimits } from '../domain/silence.ts';
import type { TraceStore } from '../domain/tracing.ts';
import type { FileSource } from './file.ts';
import type { Objectives } from './objectives.ts';

/** How one source is reached; the shape of `SourceSettings` without its name. */
export type SourceConfig = FileSource & { readonly bearerToken?: string; readonly password?: string };

/** A trace store, and where people open its traces. */
export type TracesConfig = {
  readonly source: SourceConfig;
  readonly store: TraceStore;
  /** Address of its pages; null: where it is asked. */
  readonly ui: string | null;
  /** UID of the data source in Grafana by which people open traces. */
  readonly grafanaDatasource: string | null;
  /** Share of requests that the mesh is configured to trace, 0–1; null: not said. */
  readonly samplingRatio: number | null;
};

export type ClusterConfig = {
  readonly name: string;
  readonly match: string;
  readonly mesh: 'istio' | 'ambient' | 'linkerd';
  readonly prometheus: SourceConfig;
  readonly rules: SourceConfig;
  readonly alertmanager: SourceConfig | null;
  readonly traces: TracesConfig | null;
  readonly pinned: readonly Matcher[];
  readonly renames: { readonly metrics: Readonly<Record<string, string>>; readonly labels: Readonly<Record<string, string>> };
};

/** How what people do in Slack reaches us; null: not at all, and there are messages alone. */
export type SlackInbound =
  | { readonly kind: 'socket'; readonly appToken: string }
  | { readonly kind: 'http'; readonly signingSecret: string; readonly path: string }
  | null;

/** Several workspaces, each of which installs the app. */
export type SlackInstalls = {
  readonly clientId: string;
  readonly clientSecret: string;
  /** The first encrypts tokens at rest, all decrypt them. */
  readonly tokensKeys: readonly Uint8Array[];
  /** Ids of the teams that may install it. */
  readonly teams: readonly string[];
  /** Whose an alert is; the last takes what no other does. */
  readonly workspaces: readonly WorkspaceRule[];
};

type Listener = { readonly host: string; readonly port: number };

/** Everything configured, checked. */
export type Config = {
  readonly clusters: readonly ClusterConfig[];
  readonly clusterLabel: string;
  readonly querySeconds: number;
  /** Patience of one question to a trace store. */
  readonly tracesSeconds: number;
  /** Labels of exemplars that hold the id of a trace; null: the spellings that are known. */
  readonly exemplarLabels: readonly string[] | null;
  /** Histograms whose exemplars are asked for before those that are known to have some. */
  readonly exemplarMetrics: readonly NamedHistogram[];
  readonly slack: {
    /** Of the one workspace that is served; empty where `installs` is set. */
    readonly botToken: string;
    readonly installs: SlackInstalls | null;
    readonly appToken: string | null;
    readonly inbound: SlackInbound;
    readonly channel: string;
    /** New messages that a channel may get in ten minutes; 0: as many as come. */
    readonly channelBudget: number;
    readonly pictureChannel: string | null;
    readonly apiUrl: string;
    /** Certificate authority of `apiUrl`, beside the system's. */
    readonly caFile: string | null;
    readonly workspace: string;
    /** Whether figures and causes are told in channels that are shared with other organisations. */
    readonly showsStrangers: boolean;
  };
  readonly webhook: {
    readonly listen: Listener;
    readonly bearer: readonly string[];
    readonly basic: readonly string[];
    readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
    readonly trustedProxies: readonly string[];
    readonly maxBodyBytes: number;
  };
  readonly operations: Listener;
  readonly database: { readonly url: string; readonly caFile: string | null } | null;
  readonly dataDir: string;
  readonly links: {
    readonly grafanaUrl: string | null;
    readonly serviceDashboardUid: string | null;
    readonly kialiUrl: string | null;
    readonly hosts: readonly string[];
  };
  /** Accepted, and used from a later release on. */
  readonly later: { readonly kubernetesUrl: string | null };
  readonly routing: Routing;
  /** Who may do what from Slack. */
  readonly roles: Roles;
  readonly silences: SilenceLimits;
  readonly timeZone: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly hasPictures: boolean;
  readonly proxy: { readonly httpProxy: string | null; readonly httpsProxy: string | null; readonly noProxy: string | null };
  /** Objectives of SLO_FILES, and the digests of CONFIG_FILE. What stands in `refused` is of other tools, for which it may well be right: told, and left out. */
  readonly objectives: Objectives;
  /** What files of objectives alone do not say. */
  readonly sloSettings: SloSettings;
  /** Values that no log and no recording may show. */
  readonly secrets: readonly string[];
};
