import { proxyAddress } from '../adapters/http/proxy.ts';
import { entries } from './entries.ts';
import type { FileConfig, FileSource } from './file.ts';
import { type Environment, given, textOf } from './values.ts';

/** Password and user in an address, as they stand there and as they are meant (RFC 3986, 2.1). */
const inAddress = (text: string): readonly string[] => {
  const url = URL.parse(text);
  if (url === null) return [];
  const meant = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  };
  const queried = [...url.searchParams].flatMap(([name, value]) => (/pass|secret|token|key/i.test(name) ? [value] : []));
  return [url.password, meant(url.password), ...queried];
};

/** As the header of Basic authentication says a user and a password (RFC 7617). */
const asBasic = (pair: string): string => Buffer.from(pair).toString('base64');

const passwordIn = (pair: string): string => /^[^:/]+:(.+)$/.exec(pair)?.[1] ?? '';

/** A secret and those parts of it that would be secret by themselves: each of a list, and the password of a pair or an address. */
const withParts = (value: string): readonly string[] =>
  [value, ...value.split(/[,\s]+/)].flatMap((item) => {
    const password = passwordIn(item);
    return [item, password, ...(password === '' ? [] : [asBasic(item)]), ...inAddress(item)];
  });

const basicOf = (user: string | null | undefined, password: string | null): readonly string[] =>
  user && password !== null ? [asBasic(`${user}:${password}`)] : [];

const fromVariables = (env: Environment): readonly string[] => {
  const read = (name: string): string | null => {
    const path = given(env, `${name}_FILE`);
    return given(env, name) ?? (path === null ? null : textOf(path));
  };
  const named = entries.filter(({ isSecret }) => isSecret).flatMap(({ name }) => withParts(read(name) ?? ''));
  const basic = entries.flatMap(({ name }) =>
    name.endsWith('_USERNAME') ? basicOf(given(env, name), read(name.replace(/USERNAME$/, 'PASSWORD'))) : [],
  );
  return [...named, ...basic];
};

/** A proxy's address is shown, but not who may use it. */
const fromProxies = (env: Environment): readonly string[] =>
  ['HTTPS_PROXY', 'HTTP_PROXY'].flatMap((name) => {
    const address = proxyAddress(given(env, name) ?? '');
    const { username = '', password = '' } = URL.parse(address) ?? {};
    return password === '' ? [] : [...inAddress(address), asBasic(`${username}:${password}`)];
  });

const fromSource = ({ bearerTokenFile, username, passwordFile }: FileSource): readonly string[] => {
  const password = passwordFile === undefined ? null : textOf(passwordFile);
  const token = bearerTokenFile === undefined ? null : textOf(bearerTokenFile);
  return [...withParts(token ?? ''), ...(password === null ? [] : [password]), ...basicOf(username, password)];
};

const fromFile = (file: FileConfig | null): readonly string[] =>
  (file?.clusters ?? []).flatMap(({ prometheus, rules, alertmanager, traces }) =>
    [prometheus, rules, alertmanager, traces].flatMap((source) => (source === undefined ? [] : fromSource(source))),
  );

/**
 * Every secret that the settings hold, wherever it comes from (variables, files that they name, files that the YAML file names), with its
 * parts; also those that the command of the day has no use for: a webhook's token may well stand in an alert that somebody records.
 */
export const secretsOf = (env: Environment, file: FileConfig | null): readonly string[] =>
  [...new Set([...fromVariables(env), ...fromProxies(env), ...fromFile(file)])].filter((secret) => secret !== '').sort();
