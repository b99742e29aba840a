import type { Exchange } from '../adapters/http/recording.ts';
import type { Recording } from './shape.ts';

/**
 * User and password in an address (RFC 3986, 3.2.1), and what a query calls a secret. A quote or a backslash ends them: these texts are
 * JSON, in which Go writes `&` as `\u0026`. An address inside an address stands encoded.
 */
const inAddresses: readonly RegExp[] = [
  /(?<=:\/\/)[^/\s?#"'\\<>|]+(?=@)/g,
  /(?<=%(?:25)*3A%(?:25)*2F%(?:25)*2F)(?:(?!%(?:25)*(?:2F|3F|23|22|20))[^/\s?#&"'\\<>|])+(?=%(?:25)*40)/gi,
  /(?<=(?:[?&;]|\\u0026)(?:[\w-]{1,40}[_-])?(?:token|api_?key|password|passwd|secret|sig|signature|credential)=)[^&#\s"'\\<>|]+/gi,
];
/** Shorter ones are words that may stand anywhere. */
const shortest = 8;

type Clean = (text: string) => string;

const cleanExchange = (exchange: Exchange, clean: Clean): Exchange => {
  const pairs = (some: Exchange['query']): Exchange['query'] => some.map(([name, value]) => [name, clean(value)]);
  const asked = { ...exchange, query: pairs(exchange.query), form: pairs(exchange.form) };
  return 'body' in asked ? { ...asked, body: clean(asked.body) } : asked;
};

/** As it stands in a text, in JSON and in an address. */
const spellings = (secret: string): readonly string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret.toWellFormed()),
];

/** The recording without what somebody wrote into an address or an alert that only we may know. Texts stay the JSON that they were. */
export const withoutSecrets = (recording: Recording, secrets: readonly string[]): Recording => {
  // The longest first: of one that holds another nothing may be left.
  const known = [...new Set(secrets.filter(({ length }) => length >= shortest).flatMap(spellings))].sort(
    (a, b) => b.length - a.length,
  );
  const clean: Clean = (text) =>
    inAddresses.reduce(
      (kept, pattern) => kept.replace(pattern, '***'),
      known.reduce((kept, secret) => kept.replaceAll(secret, '***'), text),
    );
  return {
    ...recording,
    delivery: JSON.parse(clean(JSON.stringify(recording.delivery ?? null))),
    exchanges: recording.exchanges.map((exchange) => cleanExchange(exchange, clean)),
  };
};
