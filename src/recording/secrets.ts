import type { Exchange } from '../adapters/http/recording.ts';
import { quoted, secretMask, tokenShapes } from '../adapters/system/secrets.ts';
import type { Asked, Recording } from './shape.ts';

/** What a query calls a secret. */
const secretName =
  '(?:[\\w-]{1,40}[_-])?(?:token|api_?key|access_?key|key|password|passwd|pwd|secret|sig|signature|credential|auth|jwt|session(?:_?id)?)';
const [equals, question, ampersand] = ['%(?:25)*3D', '%(?:25)*3F', '%(?:25)*26'];

/**
 * User and password in an address (RFC 3986, 3.2.1), and what a query calls a secret. A quote or a backslash ends them: these texts are
 * JSON, in which Go writes `&` as `\u0026`. An address inside an address stands encoded.
 */
const inAddresses: readonly RegExp[] = [
  /(?<=:\/\/)[^/\s?#"'\\<>|]+(?=@)/g,
  /(?<=%(?:25)*3A%(?:25)*2F%(?:25)*2F)(?:(?!%(?:25)*(?:2F|3F|23|22|20))[^/\s?#&"'\\<>|])+(?=%(?:25)*40)/gi,
  new RegExp(`(?<=(?:[?&;]|\\\\u0026)${secretName}=)[^&#\\s"'\\\\<>|]+`, 'gi'),
  new RegExp(`(?<=(?:${question}|${ampersand})${secretName}${equals})(?:(?!${ampersand})[^&#\\s"'\\\\<>|])+`, 'gi'),
];

/** What a proxy or a page for debugging says of headers: credentials (RFC 9110, 11.6.2), tenants, cookies. */
const inHeaders: readonly RegExp[] = [
  /(?<=\b(?:bearer|basic)(?:\s|%20|\+)+)(?=[^\s"'\\]*[\d=])[\w.~+/=%-]{8,}/gi,
  /(?<=\b(?:proxy-)?authorization["'\\\s]*[:=][\s"'\\[]*(?:(?:bearer|basic)\s+)?)(?!(?:bearer|basic)\b)[^\s"'\\,\]}]+/gi,
  /(?<=\b(?:x-scope-orgid|x-tenant|x-api-key|x-auth-token|private-token|(?:set-)?cookie)["'\\\s]*[:=][\s"'\\[]*)[^\s"'\\,\]}]+/gi,
];

type Clean = (text: string) => string;

/** The strings of JSON, each as it is written. */
const jsonStrings = /"(?:\\.|[^"\\])*"/g;

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Of JSON only its strings: a number that reads like a secret is none, and what it was stays JSON. */
const inText =
  (clean: Clean): Clean =>
  (text) =>
    isJson(text) ? text.replace(jsonStrings, (literal) => `"${clean(literal.slice(1, -1))}"`) : clean(text);

/** What stands between the word and the name of a tenant: in words anything short, in an answer with queries of rules in it no operator. */
const between = { words: '[^\\p{L}\\p{N}]{1,4}', queries: '[\\s:]{1,4}' } as const;

/** An answer that refuses, or warns, may name the tenant in words. */
const withoutTenants = (clean: Clean, tenants: readonly string[], among: keyof typeof between): Clean => {
  const known = [...tenants].sort((a, b) => b.length - a.length).map(quoted);
  if (known.length === 0) return clean;
  const pattern = new RegExp(
    `(?<=\\b(?:user|tenant|org(?:id|anization)?)\\b${between[among]})(?:${known.join('|')})(?![\\p{L}\\p{N}])`,
    'giu',
  );
  return (text) => clean(text).replace(pattern, '***');
};

const cleanExchange = (exchange: Exchange, clean: Clean, tenants: readonly string[]): Exchange => {
  const pairs = (some: Exchange['query']): Exchange['query'] => some.map(([name, value]) => [name, clean(value)]);
  const refused = withoutTenants(clean, tenants, 'words');
  const answered = withoutTenants(clean, tenants, 'queries');
  const asked = {
    ...exchange,
    path: clean(exchange.path),
    query: pairs(exchange.query),
    form: pairs(exchange.form),
    ...(exchange.json === undefined ? {} : { json: inText(clean)(exchange.json) }),
  };
  return 'body' in asked
    ? { ...asked, body: inText(asked.status >= 400 ? refused : answered)(asked.body) }
    : { ...asked, failure: { ...asked.failure, detail: refused(asked.failure.detail) } };
};

const cleanAsked = ({ delivery, question }: Asked, clean: Clean): Asked =>
  question === undefined
    ? { delivery: JSON.parse(inText(clean)(JSON.stringify(delivery ?? null))) }
    : { question: clean(question) };

/**
 * The recording without what somebody wrote into an address or an alert that only we may know, and without what a source repeats of it.
 * Texts stay the JSON that they were. `tenants` are the values of X-Scope-OrgID.
 */
export const withoutSecrets = (recording: Recording, secrets: readonly string[], tenants: readonly string[] = []): Recording => {
  const mask = secretMask(secrets);
  const patterns = [...inAddresses, ...inHeaders, ...tokenShapes];
  const cleaned: Clean = (text) => patterns.reduce((kept, pattern) => kept.replace(pattern, '***'), mask(text));
  const known = new Map<string, string>();
  // Labels say the same short words again and again.
  const clean: Clean = (text) => {
    if (text.length > 200) return cleaned(text);
    const after = known.get(text) ?? cleaned(text);
    known.set(text, after);
    return after;
  };
  const { version, atMs, cluster, exchanges } = recording;
  return {
    version,
    atMs,
    cluster: { ...cluster, pinned: cluster.pinned.map((matcher) => ({ ...matcher, value: clean(matcher.value) })) },
    ...cleanAsked(recording, clean),
    exchanges: exchanges.map((exchange) => cleanExchange(exchange, clean, tenants)),
  };
};
