/** A channel by name or id; Slack's names are lower case, digits, and letters of other scripts (slack.com/help "channel naming"). */
export const channelPattern = /^(#?[\p{Ll}\p{Lo}\p{M}\p{N}._-]{1,80}|[CG][A-Z0-9]{6,})$/u;

/** A mention by id; names would not notify. */
export const mentionPattern = /^<(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!here|!channel)>$/;

/** As Grafana writes the UIDs of data sources (grafana/grafana, pkg/util/shortid_generator.go). */
export const dataSource = { pattern: /^[\w-]{1,40}$/, expected: 'the UID of a data source' } as const;
