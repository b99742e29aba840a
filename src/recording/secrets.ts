import type { Exchange } from '../adapters/http/recording.ts';
import type { Recording } from './shape.ts';

/** User and password in an address (RFC 3986, 3.2.1). A quote ends it: these texts are JSON. */
const userInfo = /(?<=:\/\/)[^/\s:@"'\\]+:[^/\s@"'\\]+(?=@)/g;
/** Shorter ones are words that may stand anywhere. */
const shortest = 8;

type Clean = (text: string) => string;

const cleanExchange = (exchange: Exchange, clean: Clean): Exchange => {
  const pairs = (some: Exchange['query']): Exchange['query'] => some.map(([name, value]) => [name, clean(value)]);
  const asked = { ...exchange, query: pairs(exchange.query), form: pairs(exchange.form) };
  return 'body' in asked ? { ...asked, body: clean(asked.body) } : asked;
};

/** The recording without what somebody wrote into an address or an alert that only we may know. Texts stay the JSON that they were. */
export const withoutSecrets = (recording: Recording, secrets: readonly string[]): Recording => {
  const known = secrets.filter(({ length }) => length >= shortest);
  const clean: Clean = (text) => known.reduce((kept, secret) => kept.replaceAll(secret, '***'), text).replace(userInfo, '***');
  return {
    ...recording,
    delivery: JSON.parse(clean(JSON.stringify(recording.delivery ?? null))),
    exchanges: recording.exchanges.map((exchange) => cleanExchange(exchange, clean)),
  };
};
