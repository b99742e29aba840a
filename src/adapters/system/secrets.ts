/**
 * What is a secret by its shape, whoever wrote it there: tokens of Slack (docs.slack.dev "Tokens"), of GitHub, GitLab and AWS, JSON Web Tokens
 * (RFC 7519), and private keys (RFC 7468).
 */
export const tokenShapes: readonly RegExp[] = [
  /xox[abeoprs]-[A-Za-z0-9-]+/g,
  /xapp-[A-Za-z0-9-]+/g,
  /(?<=hooks\.slack\.com(?:\/|%(?:25)*2F)services(?:\/|%(?:25)*2F))[A-Za-z0-9/%]+/gi,
  /\b(?:gh[opsu]_|github_pat_|glpat-)[A-Za-z0-9_-]{10,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g,
  /(?<=-----BEGIN [A-Z ]*PRIVATE KEY-----)[^-]+/g,
];

const syntax = /[\\^$.*+?()[\]{}|/]/g;
/** The text as a regular expression that means just it. */
export const quoted = (text: string): string => text.replace(syntax, '\\$&');
const hexOf = (text: string): string =>
  [...text].map((digit) => (/[A-F]/.test(digit) ? `[${digit}${digit.toLowerCase()}]` : digit)).join('');
const hexDigits = (value: number, length: number): string => hexOf(value.toString(16).toUpperCase().padStart(length, '0'));
const shortEscapes: Readonly<Record<string, string>> = { '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f' };

/**
 * One character as JSON, JSON in JSON, Go's JSON (`&` as `\u0026`), addresses, addresses in addresses and forms write it, in any depth: letters
 * and digits always stand as they are.
 */
const characterPattern = (character: string): string => {
  if (/^[A-Za-z0-9]$/.test(character)) return character;
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  const escaped = units.map((unit) => `\\\\+u${hexDigits(unit, 4)}`).join('');
  const bytes = [...Buffer.from(character)].map((byte) => `%(?:25)*${hexDigits(byte, 2)}`).join('');
  const short = shortEscapes[character];
  return `(?:${[`\\\\*${quoted(character)}`, escaped, bytes, ...(short === undefined ? [] : [`\\\\+${short}`]), ...(character === ' ' ? ['\\+'] : [])].join('|')})`;
};

/** From so many characters on a secret is looked for inside words too. */
const long = 8;
const shortest = 4;

/** Digits alone, or few characters, may stand inside what is something else: they are only looked for as a whole. */
const isWhole = (secret: string): boolean => secret.length < long || /^\d+$/.test(secret);
/** A short word of letters, or a short number, may stand anywhere and mean anything. */
const isCommon = (secret: string): boolean =>
  secret.length < shortest || (secret.length < long && (/^[a-z]+$/i.test(secret) || /^[\d.:]+$/.test(secret)));

/** Takes the values of secrets out of texts, whatever quotes them. */
export const secretMask = (secrets: readonly string[]): ((text: string) => string) => {
  const known = [...new Set(secrets.filter((secret) => !isCommon(secret)))]
    // The longest first: of one that holds another nothing may be left.
    .sort((a, b) => b.length - a.length)
    .map((secret) => {
      const pattern = [...secret].map(characterPattern).join('');
      return isWhole(secret) ? `(?<![\\p{L}\\p{N}.])${pattern}(?![\\p{L}\\p{N}.])` : pattern;
    });
  if (known.length === 0) return (text) => text;
  const pattern = new RegExp(known.join('|'), 'gu');
  return (text) => text.replace(pattern, '***');
};
