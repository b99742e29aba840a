import { createServer, type ServerResponse } from 'node:http';
import type { JsonObject } from './envoy/json.ts';

/** What one proxy is told: resources by the last word of their question's path. */
type Told = Readonly<Record<'listeners' | 'clusters' | 'routes', readonly JsonObject[]>>;

/** A control plane that answers Envoy's REST discovery (envoyproxy.io, "xDS REST and gRPC protocol"). */
export type Control = {
  readonly port: number;
  /** Tells a proxy something new; it is asking already, so hears at once. */
  readonly tell: (nodeId: string, told: Told) => void;
  readonly stop: () => Promise<void>;
};

type Kind = keyof Told;
type Waiting = { readonly response: ServerResponse; readonly names: readonly string[]; readonly timer: NodeJS.Timeout };
type Node = {
  told: Told;
  readonly version: Record<Kind, number>;
  readonly waiting: Map<string, Waiting>;
};

/** Below the proxies' own patience, so that an unchanged answer is ours and not their timeout. */
const holdMs = 20_000;
const kinds: readonly Kind[] = ['listeners', 'clusters', 'routes'];

const nameOf = (resource: JsonObject): string => String(resource['name']);

export const startControl = async (address: string): Promise<Control> => {
  const nodes = new Map<string, Node>();

  const answer = (node: Node, kind: Kind, { response, names, timer }: Waiting): void => {
    clearTimeout(timer);
    const resources = node.told[kind].filter((resource) => kind !== 'routes' || names.includes(nameOf(resource)));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ version_info: String(node.version[kind]), resources }));
  };

  const take = (kind: Kind, body: string, response: ServerResponse): void => {
    const asked = JSON.parse(body) as { version_info?: string; resource_names?: string[]; node?: { id?: string } };
    const node = nodes.get(asked.node?.id ?? '');
    const names = asked.resource_names ?? [];
    if (node === undefined) {
      response.statusCode = 404;
      response.end();
      return;
    }
    const key = `${kind} ${names.join()}`;
    const timer = setTimeout(() => {
      node.waiting.delete(key);
      response.statusCode = 304;
      response.end();
    }, holdMs);
    const waiting: Waiting = { response, names, timer };
    if (asked.version_info === String(node.version[kind])) node.waiting.set(key, waiting);
    else answer(node, kind, waiting);
  };

  const server = createServer((request, response) => {
    const kind = kinds.find((name) => request.url === `/v3/discovery:${name}`);
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      if (kind !== undefined) return take(kind, body, response);
      // A filter's configuration that is never delivered, for one.
      response.statusCode = 404;
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  const bound = server.address();

  const release = (node: Node, kind: Kind): void => {
    for (const [key, waiting] of node.waiting)
      if (key.startsWith(`${kind} `)) {
        node.waiting.delete(key);
        answer(node, kind, waiting);
      }
  };

  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    tell: (nodeId, told) => {
      const known = nodes.get(nodeId);
      if (known === undefined) {
        nodes.set(nodeId, { told, version: { listeners: 1, clusters: 1, routes: 1 }, waiting: new Map() });
        return;
      }
      // Clusters before the routes that lead to them.
      const changed = (['clusters', 'listeners', 'routes'] as const).filter(
        (kind) => JSON.stringify(known.told[kind]) !== JSON.stringify(told[kind]),
      );
      known.told = told;
      for (const kind of changed) {
        known.version[kind] += 1;
        release(known, kind);
      }
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
