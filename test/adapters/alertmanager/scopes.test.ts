import { expect, it } from 'vitest';
import { alertBody, deliveryBody } from './bodies.ts';
import { openWebhook, post } from './door.ts';

const alertOf = (cluster: string, alertname: string, status = 'firing') =>
  alertBody({ status, fingerprint: `${cluster}-${alertname}`, labels: { alertname, severity: 'page', cluster } });

it('alerts of several clusters in one body are a delivery for each cluster, with a status of its own', async () => {
  const { heard, port, drain } = await openWebhook();
  const alerts = [
    alertOf('blue', 'A'),
    alertOf('green', 'A', 'resolved'),
    alertOf('blue', 'B'),
    alertOf('green', 'B', 'resolved'),
  ];
  expect((await post(port, deliveryBody(alerts))).status).toBe(200);
  expect(
    heard.deliveries.map(({ cluster, group }) => [cluster, group.status, group.alerts.map(({ fingerprint }) => fingerprint)]),
  ).toEqual([
    ['blue', 'firing', ['blue-A', 'blue-B']],
    ['green', 'resolved', ['green-A', 'green-B']],
  ]);
  await drain();
});

it('a dead man of one cluster does not hide the alert of another, and is counted for its own', async () => {
  const { heard, port, drain } = await openWebhook();
  expect((await post(port, deliveryBody([alertOf('green', 'Watchdog'), alertOf('blue', 'A')]))).status).toBe(200);
  expect(heard.deadMen).toEqual(['Watchdog green 1000000']);
  expect(heard.deliveries.map(({ cluster }) => cluster)).toEqual(['blue']);
  await drain();
});

it('when the second cluster of a body cannot be stored, all of it is to come again', async () => {
  const accept = async ({ cluster }: { readonly cluster: string }) => {
    if (cluster === 'green') throw new Error('full');
    return 'accepted' as const;
  };
  const { heard, port, drain } = await openWebhook({ store: { accept } });
  expect((await post(port, deliveryBody([alertOf('blue', 'A'), alertOf('green', 'A')]))).status).toBe(503);
  expect(heard.results).toEqual(['store-failed']);
  await drain();
});
