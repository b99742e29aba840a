/** Addresses of pages without what is nobody's business: user, query, fragment, parameters of a path ("…;jsessionid=1"). */

const addresses: ReadonlySet<string> = new Set(['http.url', 'http.route', 'http.target', 'url.full', 'url.path', 'grpc.path']);

const withoutUser = (text: string): string => text.replace(/\/\/[^\s/?#]*@/g, '//');

const bare = (address: string): string =>
  withoutUser(address)
    .replace(/[?#].*$/s, '')
    .replace(/;[^/]*/g, '');

/** The value of an attribute that holds an address, or looks like one, without the parts that may hold secrets. */
export const withoutSecrets = (key: string, value: string): string =>
  addresses.has(key) || value.includes('://') ? bare(value) : value;

/** Of a word with a path in it, what stands before its query. */
const withoutQuery = (word: string): string => {
  const [path, query] = [word.indexOf('/'), word.search(/[?#;]/)];
  return path >= 0 && path < query ? word.slice(0, query) : word;
};

/** The same of an address in a span's name: "GET /cart?token=1" is "GET /cart". */
export const nameWithoutSecrets = (name: string): string =>
  /[@?#;]/.test(name) ? withoutUser(name).replace(/\S+/g, withoutQuery) : name;
