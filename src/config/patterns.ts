export { channelPattern } from '../domain/routing.ts';

/** Ids that rights are given to: a person (W: of an Enterprise organisation), a user group, a channel that people share. */
export const personPattern = /^[UW][A-Z0-9]{2,}$/;
export const userGroupPattern = /^S[A-Z0-9]{2,}$/;
export const roomPattern = /^[CG][A-Z0-9]{2,}$/;

/** A workspace; an organisation (E…) is none. */
export const teamPattern = /^T[A-Z0-9]{2,}$/;

/** A mention by id; names would not notify. */
export const mentionPattern = /^<(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!here|!channel)>$/;

/** As Grafana writes the UIDs of data sources (grafana/grafana, pkg/util/shortid_generator.go). */
export const dataSource = { pattern: /^[\w-]{1,40}$/, expected: 'the UID of a data source' } as const;
