import { createServer } from 'node:http';
import { exposition, type Rollout } from './expose.ts';
import type { Effect, Scenario } from './faults.ts';
import type { Mesh } from './simulate.ts';
import { serviceNamed } from './topology.ts';

/** The live mesh: a scrape target whose counters go on from the past, and a switch for the fault. */
export type MeshServer = {
  readonly port: number;
  readonly breakIt: (scenario: Scenario) => void;
  readonly mend: () => void;
  readonly stop: () => Promise<void>;
};

export const serveMesh = async (mesh: Mesh): Promise<MeshServer> => {
  let effects: readonly Effect[] = [];
  let rollouts: readonly Rollout[] = [];
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return response.writeHead(404).end();
    mesh.advance(Date.now(), effects);
    return response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(exposition(mesh, rollouts));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    breakIt: (scenario) => {
      mesh.advance(Date.now(), effects);
      effects = scenario.effects;
      if (scenario.rollout !== undefined)
        rollouts = [
          {
            namespace: serviceNamed(scenario.rollout).namespace,
            deployment: scenario.rollout,
            atSeconds: Math.floor(Date.now() / 1000),
          },
        ];
    },
    mend: () => {
      mesh.advance(Date.now(), effects);
      effects = [];
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
