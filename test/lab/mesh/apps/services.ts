import type { Pod } from '../../lab.ts';
import type { Calls } from './clients.ts';

/** What one application does for a request: how long it works, and whom it asks. True when all went well. */
type Service = {
  readonly seconds: number;
  readonly calls: (clients: Calls, path: string, headers: Record<string, string>) => Promise<boolean>;
};

const nobody: Service['calls'] = async () => true;

const isFine = (status: number): boolean => status >= 200 && status < 300;

/** A caller that cannot do its work without the answer fails too, so that a fault is seen all the way up. */
const services: Readonly<Record<string, Service>> = {
  storefront: {
    seconds: 0.004,
    calls: async (clients, path, headers) =>
      !path.startsWith('/buy') || isFine(await clients.http('checkout:8080', '/order', headers)),
  },
  checkout: {
    seconds: 0.006,
    calls: async (clients, _path, headers) =>
      (await clients.grpc('inventory:9090', '/shop.Inventory/Reserve', headers)) === 0 &&
      isFine(await clients.http('payments:8080', '/pay', headers)),
  },
  payments: {
    seconds: 0.012,
    calls: async (clients, _path, headers) => isFine(await clients.http('bank:8080', '/transfer', headers)),
  },
  inventory: {
    seconds: 0.005,
    calls: async (clients, _path, headers) => (await clients.grpc('bank:9090', '/finance.Bank/Quote', headers)) === 0,
  },
  bank: { seconds: 0.008, calls: async (clients) => clients.tcp() },
  ledger: { seconds: 0.002, calls: nobody },
};

export const serviceOf = (pod: Pod): Service => services[pod.service] ?? { seconds: 0.002, calls: nobody };
