import { type Alert, type Labels, labelOf, type Severity } from './alert.ts';
import type { Edge } from './edge.ts';

/** A channel by name or id; Slack's names are lower case, digits, and letters of other scripts (slack.com/help "channel naming"). */
export const channelPattern = /^(#?[\p{Ll}\p{Lo}\p{M}\p{N}._-]{1,80}|[CG][A-Z0-9]{6,})$/u;

/** A condition on labels, compiled from configuration (regular expressions on RE2). */
export type LabelTest = (labels: Labels) => boolean;

type RoutingRule = { readonly matches: LabelTest; readonly channel: string; readonly mention: string | null };

type Owner = {
  readonly namespace: string;
  readonly service: string | null;
  readonly name: string;
  readonly channel: string | null;
};

export type Routing = {
  /** First match wins. */
  readonly rules: readonly RoutingRule[];
  /** Channels that an alert's own `slack_channel` label may choose; an alert must not pick its audience. */
  readonly allowedChannels: readonly string[];
  readonly owners: readonly Owner[];
  readonly defaultChannel: string;
  /** Mentions by severity, for escalations. */
  readonly mentions: Partial<Record<Severity, string>>;
};

/** A workspace of several, and whose alerts are for it. */
export type WorkspaceRule = {
  readonly team: string;
  readonly matches: LabelTest;
  /** Where its messages go that no rule sends elsewhere; null: where those of all go. */
  readonly channel: string | null;
};

/** Whose an alert is: the first that matches; the last is meant to take what no other does. */
export const workspaceOf = (rules: readonly WorkspaceRule[], { labels }: Pick<Alert, 'labels'>): string =>
  (rules.find(({ matches }) => matches(labels)) ?? rules.at(-1))?.team ?? '';

export type Route = { readonly channel: string; readonly mention: string | null };

const bare = (channel: string): string => channel.replace(/^#/, '').toLowerCase();

/** The owner of one end of an edge: the service's, else its namespace's. */
export const ownerOf = (owners: readonly Owner[], namespace: string | null, service: string | null): Owner | null =>
  owners.find((owner) => owner.namespace === namespace && owner.service !== null && owner.service === service) ??
  owners.find((owner) => owner.namespace === namespace && owner.service === null) ??
  null;

/** Rule, allowlisted label, owner, default: in this order, always somewhere. */
export const routeOf = (routing: Routing, alert: Alert, edge: Edge | null, severity: Severity): Route => {
  const byRule = routing.rules.find(({ matches }) => matches(alert.labels));
  const mention = byRule?.mention ?? routing.mentions[severity] ?? null;
  if (byRule) return { channel: byRule.channel, mention };
  const wanted = labelOf(alert.labels, 'slack_channel');
  const allowed = wanted === null ? undefined : routing.allowedChannels.find((channel) => bare(channel) === bare(wanted));
  if (allowed !== undefined) return { channel: allowed, mention };
  const owner =
    edge === null
      ? ownerOf(routing.owners, labelOf(alert.labels, 'namespace'), null)
      : ownerOf(routing.owners, edge.destination.namespace, edge.destination.service);
  return { channel: owner?.channel ?? routing.defaultChannel, mention };
};
