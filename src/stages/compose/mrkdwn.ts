/**
 * The one place where text is made safe for Slack. Slack's control characters are `&`, `<` and `>` (docs.slack.dev, "Formatting message
 * text"); without a bare `<` there is no mention, no link and no date. Everything handed to `mrkdwn` is untrusted unless it was made by it.
 */

/** Text that may be sent as mrkdwn: every value from outside in it has been through `clean` and `escaped`. */
export type Mrkdwn = string & { readonly mrkdwn: unique symbol };

const bidirectional = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';
/** Widthless, so that two names may look alike: soft hyphen, fillers, zero-width space, word joiner and its like, tags. */
const widthless =
  '\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b\\u2060-\\u2065\\u206a-\\u206f\\u3164\\uffa0\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}';
const unprintable = new RegExp(
  `[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028\\u2029\\ufeff\\ufffe\\uffff${bidirectional}${widthless}]`,
  'gu',
);
/** Joiners belong into emoji and into some scripts, never beside a letter of a name. */
const strayJoiner = /(?<=[!-~])[\u200c\u200d]+|[\u200c\u200d]+(?=[!-~])/g;
const stacked = /(\p{M}{4})\p{M}+/gu;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** One line of printable text of at most `limit` UTF-16 units, which is the strictest way to count; never ends inside a grapheme. */
export const clean = (value: string, limit = 120): string => {
  const line = value
    .slice(0, limit * 16)
    .toWellFormed()
    .replace(/[\t\n\r\v\f]+/g, ' ')
    .replace(unprintable, '')
    .replace(strayJoiner, '')
    .replace(stacked, '$1')
    .replace(/ {2,}/g, ' ')
    .trim();
  if (line.length <= limit) return line;
  let kept = '';
  for (const { segment } of graphemes.segment(line)) {
    if (kept.length + segment.length > limit - 1) break;
    kept += segment;
  }
  return `${kept}…`;
};

/**
 * Formatting marks become look-alikes, since Slack has no escape for them; an underscore only where it would start or end italics,
 * so that `istio_requests_total` can still be copied. A scheme is cut so that no client makes a link of a name, an emoji's name (whose last
 * colon may be ours) so that none makes a sign of it, and a line that starts with `>`, escaped or not, would be a quote.
 */
const defuse = (line: string): string =>
  line
    .replaceAll('`', 'ˋ')
    .replaceAll('*', '∗')
    .replaceAll('~', '∼')
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '＿')
    .replace(/^[>\s]+/, (marks) => marks.replaceAll('>', '›'))
    .replace(/:(?=[\w'+-]*[\p{L}+-][\w'+-]*(?::|$))/gu, ':\u2060')
    .replaceAll('://', ':\u2060//');

const escaped = (line: string): string => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** An untrusted value as mrkdwn. */
export const untrusted = (value: string, limit?: number): Mrkdwn => escaped(defuse(clean(value, limit))) as Mrkdwn;

/** Marks text of our own tables as mrkdwn; only for literals that hold no value from outside. */
export const ours = (text: string): Mrkdwn => text as Mrkdwn;

/** A piece of a message: mrkdwn made here, or a plain value. */
type Piece = { readonly safe: Mrkdwn } | string | number;

/** Wraps mrkdwn so that `mrkdwn` puts it in as it is. A plain string in the same place is escaped. */
export const raw = (safe: Mrkdwn): Piece => ({ safe });

/** `` mrkdwn`*${name}* is ${raw(bold)}` ``: the literal parts are ours, every value is escaped unless wrapped by `raw`. */
export const mrkdwn = (parts: TemplateStringsArray, ...values: readonly Piece[]): Mrkdwn =>
  parts.reduce((text, part, index) => {
    const value = values[index - 1];
    if (index === 0 || value === undefined) return text + part;
    return text + (typeof value === 'object' ? value.safe : untrusted(String(value), 300)) + part;
  }, '') as Mrkdwn;

/** Joins pieces of mrkdwn, leaving out those that are null. */
export const joined = (pieces: readonly (Mrkdwn | null)[], separator = '\n'): Mrkdwn =>
  pieces.filter((piece) => piece !== null).join(separator) as Mrkdwn;

/** Words that mean nothing to a shell; a list of pods may be cut down to one workload's. */
const copyable = /^[A-Za-z0-9][A-Za-z0-9._\-/=:, ]*( \| grep -e NAME -e \^[A-Za-z0-9][A-Za-z0-9._-]*)?$/;

/** A shell command offered for copying, or null when a value in it could mean something to a shell. */
export const command = (text: string): Mrkdwn | null =>
  copyable.test(text) && !text.includes('//') && text.length <= 200 ? (`\`${text}\`` as Mrkdwn) : null;
