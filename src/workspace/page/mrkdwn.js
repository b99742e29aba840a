// Slack's mrkdwn (docs.slack.dev, "Formatting message text"): fences and quotes by lines, everything else within a line.
import { formatted } from './dates.js';
import { element, isHome, linkTo, safeAddress, unescaped } from './dom.js';
import { emojiOf, shortcode, withEmoji } from './emoji.js';
import { mention } from './mentions.js';

const date = /^!date\^(\d{1,12})\^([^^|]*)(?:\^([^|]*))?\|(.*)$/;

/** What stands between angle brackets: a date, a mention, a link; anything else stays as it was written. */
const angle = (inside) => {
  const moment = date.exec(inside);
  if (moment) {
    const [, seconds, format, address, fallback] = moment;
    const text = formatted(Number(seconds), unescaped(format), unescaped(fallback));
    return address ? linkTo(unescaped(address), '', text) : element('time', '', text);
  }
  const cut = inside.indexOf('|');
  const [target, label] = cut < 0 ? [inside, null] : [inside.slice(0, cut), inside.slice(cut + 1)];
  const named = mention(target, label === null ? null : unescaped(label));
  if (named !== null) return named;
  const address = unescaped(target);
  if (!isHome(address) && safeAddress(address) === null) return document.createTextNode(unescaped(`<${inside}>`));
  return linkTo(address, '', ...(label === null ? [address.replace(/^mailto:/, '')] : styled(label)));
};

const between = (mark) => `(?<![\\p{L}\\p{N}${mark}])[${mark}](?!\\s)([^${mark}\\n]*[^${mark}\\s])[${mark}](?![\\p{L}\\p{N}${mark}])`;

/** Each mark with as many groups as its maker takes. The first that begins wins, as a reader's eye would have it. */
const marks = [
  ['`([^`\\n]+)`', (text) => element('code', '', unescaped(text))],
  ['<([^<>\\n]+)>', angle],
  [between('*'), (text) => element('strong', '', ...styled(text))],
  [between('_'), (text) => element('em', '', ...styled(text))],
  [between('~'), (text) => element('s', '', ...styled(text))],
];
const emojiMark = [shortcode, (name, tone) => emojiOf(name, tone)];
/** Slack makes links of bare addresses unless the text is `verbatim`. */
const bareMark = ['(https?://[^\\s<>|`*]*[^\\s<>|`*.,:;!?)\\]\'"_~])', (address) => linkTo(unescaped(address), '', unescaped(address))];

const readerOf = (kinds) => {
  const pattern = new RegExp(kinds.map(([source]) => source).join('|'), 'gu');
  return (text) => {
    const nodes = [];
    let from = 0;
    for (const found of text.matchAll(pattern)) {
      let group = 1;
      const kind = kinds.find(([source]) => {
        if (found[group] !== undefined) return true;
        group += source === shortcode ? 2 : 1;
        return false;
      });
      const made = kind?.[1](found[group], found[group + 1]) ?? null;
      if (made === null) continue;
      if (found.index > from) nodes.push(unescaped(text.slice(from, found.index)));
      nodes.push(made);
      from = found.index + found[0].length;
    }
    if (from < text.length) nodes.push(unescaped(text.slice(from)));
    return nodes;
  };
};

const styled = readerOf([...marks, emojiMark]);
const linked = readerOf([...marks, emojiMark, bareMark]);

/** Lines that begin with `>` are a quote; `>>>` quotes all that follows. */
const quoted = (text, inline) => {
  const rest = /(?:^|\n)(?:&gt;|>){3} ?/.exec(text);
  const lines = (rest ? text.slice(0, rest.index) : text).split('\n');
  const groups = [];
  for (const line of rest?.index === 0 ? [] : lines) {
    const mark = /^(?:&gt;|>) ?/.exec(line);
    const last = groups.at(-1);
    const content = line.slice(mark?.[0].length ?? 0);
    if (last && last.isQuote === (mark !== null)) last.lines.push(content);
    else groups.push({ isQuote: mark !== null, lines: [content] });
  }
  if (rest) groups.push({ isQuote: true, lines: [text.slice(rest.index + rest[0].length)] });
  return groups.flatMap(({ isQuote, lines }) => {
    const nodes = inline(lines.join('\n'));
    return isQuote ? [element('blockquote', '', ...nodes)] : nodes;
  });
};

/** A text of type mrkdwn, or a message's own text. */
export const mrkdwn = (text, isVerbatim = false) => {
  const inline = isVerbatim ? styled : linked;
  const pieces = text.split(/\n?```\n?([\s\S]+?)\n?```\n?/);
  return pieces.flatMap((piece, index) =>
    index % 2 === 1 ? [element('pre', '', unescaped(piece))] : piece === '' ? [] : quoted(piece, inline),
  );
};

/** A text object of Block Kit. Slack expands emoji in plain text unless told not to. */
export const textObject = (object) => {
  const text = typeof object?.text === 'string' ? object.text : '';
  if (object?.type === 'mrkdwn') return mrkdwn(text, object.verbatim === true);
  return [object?.emoji === false ? text : withEmoji(text)];
};

/** The words alone, for where no mark can stand. */
export const wordsOf = (object) => element('span', '', ...textObject(object)).textContent;
