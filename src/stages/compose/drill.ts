import { calleeName, callerName, type Edge } from '../../domain/edge.ts';
import type { Message } from '../../domain/message.ts';
import { actions, type Button, context, section } from './blocks.ts';
import { linkText, ownLink } from './links.ts';
import { joined, type Mrkdwn, mrkdwn, ours, raw } from './mrkdwn.ts';
import { personTag } from './people.ts';

/** A name as the grammar of questions takes it: in quotes, with its namespace. */
const word = (name: string, namespace: string | null): string =>
  `"${(namespace === null ? name : `${namespace}/${name}`).replaceAll('"', '')}"`;

/** A button's text is cut by Slack at 75 letters, and on a phone long before. */
const longestCaller = 24;

/** Questions that an edge raises, by what the button says; of all callers of a callee those about the callee before those of one of them. */
const questionsOf = (edge: Edge, cluster: string, isOfAll: boolean): readonly (readonly [text: string, words: string])[] => {
  const callee = word(calleeName(edge), edge.destination.namespace);
  const both = `${word(callerName(edge), edge.source.namespace)} → ${callee}`;
  const where = `--cluster "${cluster.replaceAll('"', '')}"`;
  const ofCallee = [
    ['Worst edges', `top ${callee} ${where}`],
    ['Callers', `stat ${callee} ${where}`],
    ['Routes', `routes ${callee} ${where}`],
    ['Graph', `graph ${callee} ${where}`],
  ] as const;
  const of = isOfAll ? ` (${callerName(edge).slice(0, longestCaller)})` : '';
  const ofEdge = [
    [`Triage now${of}`, `why ${both} ${where}`],
    [`Response flags${of}`, `flags ${both} ${where}`],
    [`An hour ago${of}`, `diff ${both} ${where}`],
    [`Worst trace${of}`, `trace worst ${both} ${where}`],
    [`mTLS${of}`, `edges ${both} ${where}`],
  ] as const;
  const asked = isOfAll ? callee : both;
  const apart = [
    ['Versions', `versions ${asked} ${where}`],
    ['Pods', `pods ${asked} ${where}`],
  ] as const;
  if (isOfAll) return [...ofCallee, ...apart, ...ofEdge];
  const [top, , routes, graph] = ofCallee;
  const [why, flags, before, trace, mtls] = ofEdge;
  return [why, flags, top, before, trace, routes, ...apart, mtls, graph];
};

/** What a click on one of them asks: the action carries its place, since a block may hold each only once. */
export const askAction = /^ask-\d+$/;

const asks = (edge: Edge, cluster: string, isOfAll: boolean): readonly Button[] =>
  questionsOf(edge, cluster, isOfAll).map(([text, words], index) => ({ text, action: `ask-${index}`, value: words }));

/** "Drill down…": what can be looked at of an edge, each a click away. */
export const drillMessage = (edge: Edge, title: string, cluster: string, incidentId: string, isOfAll = false): Message => {
  const text = mrkdwn`Look closer at *${title}*`;
  return {
    text,
    blocks: [
      section(text),
      actions('drill', [
        {
          text: 'Four signals',
          action: 'four-signals',
          value: incidentId,
          label: 'Four signals: errors, latency, traffic, saturation',
        },
        ...asks(edge, cluster, isOfAll),
      ]),
      context(ours('Answers are seen only by you; each can be shared.')),
    ],
  };
};

/** Where there is no edge, tables of the whole cluster are what there is. */
export const drillNothing = (title: string): Message => {
  const text = mrkdwn`*${title}* names no edge of the mesh, so there is nothing below it to look at.`;
  return { text, blocks: [section(text)] };
};

/** The most that the value of a button may hold (docs.slack.dev/reference/block-kit/block-elements/button-element). */
const longestValue = 2000;

/** `key` finds what was seen, `words` ask it anew, where words can. A question that has no room is left out whole: cut, it would be another. */
const shareValue = (key: string, words: string | null): string => {
  const value = JSON.stringify({ key, words });
  return words !== null && value.length <= longestValue ? value : JSON.stringify({ key });
};

/** An answer with a button that shows it to everybody in the conversation. */
export const shareable = (message: Message, key: string, words: string | null): Message => ({
  text: message.text,
  blocks: [
    ...(message.blocks.length === 0 ? [section(message.text as Mrkdwn)] : message.blocks.slice(0, 48)),
    actions('share', [{ text: 'Share in channel', action: 'share', value: shareValue(key, words) }]),
  ],
});

/** The same for everybody, with who shared it and what was asked. */
export const sharedBy = (message: Message, userId: string, asked: string): Message => ({
  text: message.text,
  blocks: [
    ...(message.blocks.length === 0 ? [section(message.text as Mrkdwn)] : message.blocks.slice(0, 48)),
    context(joined([mrkdwn`Shared by ${raw(personTag(userId))}`, mrkdwn`${asked}`], '  ·  ')),
  ],
});

/** Where the picture of an answer is: only who asked sees it there. */
export const pictureNote = (link: string | null): Message => {
  const shown = link === null ? null : ownLink('open it', link);
  const text =
    shown === null
      ? ours('🖼 The picture is in your messages with Edgewise.')
      : mrkdwn`🖼 The picture is in your messages with Edgewise: ${raw(linkText(shown))}`;
  return { text, blocks: [section(text)] };
};
