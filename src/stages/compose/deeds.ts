import type { Done } from '../../domain/deeds.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Message } from '../../domain/message.ts';
import { section } from './blocks.ts';
import { dateToken, span } from './dates.ts';
import { joined, type Mrkdwn, mrkdwn, ours, raw } from './mrkdwn.ts';
import { personTag } from './people.ts';

/** What the person who did something is told; nobody else sees it. */
const answer = (text: Mrkdwn): Message => ({ text, blocks: [section(text)] });

/** The incident was cleaned up, or its id never was one. */
export const unknownIncident = (): Message => answer(ours('This incident is no longer known: it was closed long ago.'));

const overText = ({ title, state, closedAtMs }: Incident, zone: string): Mrkdwn =>
  closedAtMs === null
    ? mrkdwn`*${title}* has fired again since: a newer message speaks of it.`
    : mrkdwn`*${title}* is over since ${raw(dateToken(closedAtMs, zone))}: ${state === 'resolved' ? 'resolved' : 'no longer reported'}.`;

/** What a late click meets. */
export const overAnswer = (incident: Incident, zone: string): Message => answer(overText(incident, zone));

/** What came of Acknowledge. */
export const acknowledgedAnswer = ({ kind, incident }: Done, zone: string): Message => {
  if (kind === 'over') return overAnswer(incident, zone);
  const { acknowledged, title } = incident;
  if (kind === 'done' || acknowledged == null) return answer(mrkdwn`You look after *${title}* now; its message says so.`);
  return answer(
    mrkdwn`*${title}* was acknowledged already, by ${raw(personTag(acknowledged.by))} at ${raw(dateToken(acknowledged.atMs, zone))}.`,
  );
};

/** What came of Unacknowledge. */
export const unacknowledgedAnswer = ({ kind, incident }: Done, zone: string): Message => {
  if (kind === 'over') return overAnswer(incident, zone);
  return answer(
    kind === 'done' ? mrkdwn`Nobody looks after *${incident.title}* now.` : mrkdwn`Nobody has acknowledged *${incident.title}*.`,
  );
};

/** What came of Refresh. */
export const refreshedAnswer = (incident: Incident, atMs: number, zone: string): Message =>
  answer(mrkdwn`*${incident.title}* was read again at ${raw(dateToken(atMs, zone))}; its message has the new figures.`);

/** What came of 👍 and 👎. */
export const feedbackAnswer = (isRight: boolean): Message =>
  answer(
    isRight
      ? ours('Noted: the right edge. Thank you.')
      : ours('Noted: the wrong edge. If you say in the thread which it was, the next reader has it too.'),
  );

/** What holds many edges is about none of them: what was asked for is of one. */
export const notForMany = ({ title }: Incident, verb: string): Message =>
  answer(
    mrkdwn`*${title}* is about many edges at once, and nothing of it can be ${verb} as one. “/mesh why checkout → payments” looks at one of them, “/mesh top” at the worst; it can be acknowledged.`,
  );

/** Which incident is meant, where several may be, or none is. */
export const whichIncident = (several: readonly Incident[], verb: string, atMs: number): Message => {
  if (several.length === 0) return answer(ours('No open incident is about that. “/mesh incidents” lists what is open.'));
  const lines = several
    .slice(0, 10)
    .map(
      ({ id, title, cluster, openedAtMs }) =>
        mrkdwn`•  *${title}* in ${cluster}, for ${span(atMs - openedAtMs)}: “/mesh ${verb} ${id.slice(0, 8)}”`,
    );
  const more = several.length - lines.length;
  return answer(joined([ours('Which one?'), ...lines, more > 0 ? mrkdwn`and ${more} more` : null]));
};
