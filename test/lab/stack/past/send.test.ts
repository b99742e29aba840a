import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../../src/demo/engine-process.ts';
import { engineFor } from '../../../support/engine.ts';
import { keepsWholeBounds, type LabPrometheus, startLabPrometheus, versionOf } from '../prometheus.ts';
import { smallSnapshots, smallTargets } from '../small-mesh.ts';
import { measuredFrom } from './measured.ts';
import { pastMoments } from './moments.ts';
import { sendPast } from './send.ts';
import { type Past, writePast } from './write.ts';

const { path, skipped } = await engineFor('prometheus');

const quoted = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');

/** Exposes the counters of one target as they stand at the end of the past. */
const expose = async (past: Past) => {
  const server = createServer((request, response) => {
    const target = Number(request.url?.slice(1));
    const lines = past.end
      .filter((counter) => counter.target === target)
      .map(({ name, labels, value }) => `${name}{${quoted(labels)}} ${value}`);
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(`${lines.join('\n')}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
};

describe.skipIf(skipped !== '')(`a past in a real Prometheus${skipped}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-past-'));
  let prometheus: LabPrometheus;
  let past: Past;
  let close: () => void;
  const endMs = Math.floor(Date.now() / 1000) * 1000;

  const ask = async (query: string): Promise<readonly { readonly metric: Record<string, string>; readonly value: number }[]> => {
    const body = new URLSearchParams({ query, time: String(Date.now() / 1000) });
    const answer = await fetch(`${prometheus.url}/api/v1/query`, { method: 'POST', body });
    const { data } = (await answer.json()) as { data: { result: { metric: Record<string, string>; value: [number, string] }[] } };
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  };

  beforeAll(async () => {
    past = writePast(measuredFrom(...smallSnapshots), pastMoments(endMs, 20), 11);
    const exposed = await expose(past);
    ({ close } = exposed);
    const targets = smallTargets.map((target, index) => ({ ...target, address: `127.0.0.1:${exposed.port}`, path: `/${index}` }));
    prometheus = await startLabPrometheus({
      path,
      folder,
      port: await freePort(),
      cluster: 'one',
      targets,
      alertmanager: '127.0.0.1:9',
      signal: new AbortController().signal,
    });
    const naming = { targets, hasWholeBounds: keepsWholeBounds(await versionOf(path)) };
    await sendPast(prometheus.url, past, naming, new AbortController().signal);
    await prometheus.begin();
    await prometheus.scraped(20_000);
  }, 60_000);

  afterAll(async () => {
    await prometheus?.stop();
    close?.();
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers for a week ago, for yesterday and for a minute ago', async () => {
    for (const offset of ['7d', '1d', '1m']) {
      const [answer] = await ask(`sum(increase(istio_requests_total{reporter="source"}[5m] offset ${offset}))`);
      expect(answer?.value).toBeGreaterThan(80 * 300 * 0.6);
      expect(answer?.value).toBeLessThan(80 * 300 * 1.6);
    }
  });

  it('goes on in the same series when the mesh is scraped, without a reset', async () => {
    const [known] = await ask('count({__name__=~"istio_.+"})');
    expect(known?.value).toBe(past.series.length);
    for (const name of ['istio_requests_total', 'istio_request_duration_milliseconds_bucket']) {
      const [fewest] = await ask(`min(count_over_time(${name}[10m]))`);
      expect(fewest?.value).toBeGreaterThan(110);
      expect(await ask(`resets(${name}[10m]) > 0`)).toEqual([]);
    }
  });

  it('has loaded the shipped rules', async () => {
    const answer = await fetch(`${prometheus.url}/api/v1/rules`);
    expect(await answer.text()).toContain('MeshEdgeErrorRatioHigh');
  });
});
