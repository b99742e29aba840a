/** Advance widths of Inter Regular from " " to "~", in thousandths of its size: the `hmtx` table of the bundled font. */
const ascii = [
  281, 288, 466, 633, 642, 982, 644, 300, 365, 365, 501, 662, 288, 460, 288, 360, 631, 407, 610, 618, 646, 593, 620, 566, 619,
  620, 288, 302, 662, 662, 662, 511, 966, 690, 654, 730, 722, 601, 590, 746, 743, 269, 571, 672, 565, 903, 753, 765, 639, 765,
  644, 642, 646, 744, 690, 985, 682, 679, 629, 365, 360, 365, 471, 456, 323, 562, 612, 571, 612, 583, 370, 613, 591, 242, 242,
  549, 242, 876, 591, 600, 612, 612, 376, 528, 327, 591, 562, 818, 546, 562, 552, 426, 333, 426, 662,
];
const others: Readonly<Record<string, number>> = { '…': 864, '→': 954, '›': 384, '·': 288, '×': 662 };
/** Bold letters are wider by a few hundredths, each a little differently. */
const bold = { 400: 1, 600: 1.025, 700: 1.04 } as const;

const letterWidth = (letter: string): number => {
  const code = letter.codePointAt(0) ?? 0;
  if (code >= 32 && code < 127) return ascii[code - 32] ?? 0;
  // Latin, Greek, Cyrillic, Hebrew, Arabic; scripts further on are as wide as they are high.
  return others[letter] ?? (code < 0x0800 ? 640 : 1000);
};

/** About how wide a text is drawn, without kerning. */
export const textWidth = (text: string, sizePx: number, weight: 400 | 600 | 700): number => {
  let thousandths = 0;
  for (const letter of text) thousandths += letterWidth(letter);
  return (thousandths * sizePx * bold[weight]) / 1000;
};

/** No picture has room for more letters of a name; its middle is dropped before anything is measured. */
const longest = 300;

/** The text where it fits, else its two ends: both tell names apart. */
export const fitted = (text: string, widthPx: number, sizePx: number, weight: 400 | 600 | 700): string => {
  const all = [...text];
  if (all.length <= longest && textWidth(text, sizePx, weight) <= widthPx) return text;
  for (let count = Math.min(all.length, longest) - 1; count > 1; count -= 1) {
    const head = Math.ceil(count / 2);
    const cut = `${all.slice(0, head).join('')}…${all.slice(all.length - (count - head)).join('')}`;
    if (textWidth(cut, sizePx, weight) <= widthPx) return cut;
  }
  return '…';
};

/** Breaks at spaces, not behind a number and its "×", into at most `limit` lines; of a longer text the last line ends in "…". */
export const wrapped = (
  text: string,
  widthPx: number,
  sizePx: number,
  weight: 400 | 600 | 700,
  limit: number,
): readonly string[] => {
  const lines: string[] = [];
  for (const word of text.split(/(?<![\d×])\s+/).filter((part) => part !== '')) {
    const last = lines.at(-1);
    const joined = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && textWidth(joined, sizePx, weight) <= widthPx) lines[lines.length - 1] = joined;
    else lines.push(fitted(word, widthPx, sizePx, weight));
  }
  if (lines.length <= limit) return lines;
  const last = lines[limit - 1] ?? '';
  const room = widthPx - textWidth(' …', sizePx, weight);
  return [...lines.slice(0, limit - 1), `${fitted(last, room, sizePx, weight)} …`];
};
