import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Effect } from './mesh/faults.ts';

/** Objectives of the simulated shop, as a team would write them down. */
const definitions = `edgewise: slos/v1
defaults: {window: 7d, owner: shop}
slos:
  - {name: payments-availability, service: shop/payments, availability: 99.5, owner: payments}
  - {name: checkout-payments, edge: "shop/checkout -> shop/payments", availability: 99.5, reporter: source, owner: payments}
  - {name: inventory-availability, service: shop/inventory, availability: 99.7}
  - {name: catalog-availability, service: shop/catalog, availability: 99.8}
  - {name: frontend-availability, service: shop/frontend, availability: 99.5}
  - {name: shipping-availability, service: shop/shipping, availability: 99.7}
`;

const hourMs = 3_600_000;

/** Three quarters of an hour, two days before: what spent a budget that nobody looks at any more but the digest. */
export const bygoneFault = (nowMs: number) => {
  const fromMs = Math.floor((nowMs - 53 * hourMs) / hourMs) * hourMs;
  const effects: readonly Effect[] = [{ at: 'payments', answered: { share: 0.35, code: '502' } }];
  return { effects, fromMs, untilMs: fromMs + 0.75 * hourMs };
};

/** Writes the file that SLO_FILES of the demo names. */
export const objectivesFile = (folder: string): string => {
  const path = join(folder, 'slos.yaml');
  writeFileSync(path, definitions);
  return path;
};
