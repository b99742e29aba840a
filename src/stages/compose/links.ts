import { type Mrkdwn, untrusted } from './mrkdwn.ts';

/** A link that may be shown: its address has passed the allowlist. */
export type Link = { readonly label: string; readonly url: string };

const address = /^(https?):\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(\/[^\s]*|\?[^\s]*|#[^\s]*)?$/;

/** No control character, space, quote, backslash, brace, angle bracket, caret, backtick or pipe. */
const harmless = /^[!#$%&()*+,\-./0-9:;=?@A-Z[\]_a-z~]+$/;

/** The host of an http(s) address without userinfo, lower case; null for everything else. Parsed by shape, never by fetching. */
const hostOf = (url: string): string | null => {
  if (url.length > 2000 || !harmless.test(url)) return null;
  return address.exec(url)?.[2]?.toLowerCase() ?? null;
};

/** `grafana.example` allows itself, `.example.com` allows every host below it. */
const isAllowed = (host: string, allowed: readonly string[]): boolean =>
  allowed.some((entry) => (entry.startsWith('.') ? host.endsWith(entry.toLowerCase()) : host === entry.toLowerCase()));

/** The link, when its host is on the allowlist. */
export const allowedLink = (label: string, url: string | null, allowed: readonly string[]): Link | null => {
  const host = url === null ? null : hostOf(url);
  return host !== null && url !== null && isAllowed(host, allowed) ? { label, url } : null;
};

/** A link of our own configuration; null where its address holds what no link of Slack's can. */
export const ownLink = (label: string, url: string): Link | null => (hostOf(url) === null ? null : { label, url });

/** `<url|label>`: the address holds none of `<`, `>`, `|` (see `hostOf`); `&` must be an entity inside a link. */
export const linkText = ({ label, url }: Link, limit = 40): Mrkdwn =>
  `<${url.replaceAll('&', '&amp;')}|${untrusted(label, limit)}>` as Mrkdwn;

/** A value inside an address; lone surrogates, which cannot be encoded, become U+FFFD. */
export const encoded = (value: string): string => encodeURIComponent(value.toWellFormed());

/** A query string of our own; every value is percent-encoded. */
export const query = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');

/** `base` + path, with exactly one slash between. */
export const under = (base: string, path: string): string => `${base.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
