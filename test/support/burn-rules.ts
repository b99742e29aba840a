import { ruleFileText } from '../../src/adapters/slo/rule-file.ts';
import { dialects } from '../../src/dialects/index.ts';
import type { RuleFile } from '../../src/domain/slo/rule-file.ts';
import type { Sli, Slo } from '../../src/domain/slo.ts';
import { burnRules } from '../../src/stages/budget/burn-rules.ts';

const payments = { namespace: 'shop', workload: null, service: 'payments' };
export const availability = { kind: 'availability', bad: 'failed', reporter: 'destination' } as const satisfies Sli;

/** An objective about shop/payments, 99.9 % over 30 days, unless said otherwise. */
export const sloOf = (name: string, more: Partial<Slo> = {}): Slo => ({
  name,
  about: { kind: 'service', callee: payments },
  sli: availability,
  objectivePpm: 999_000,
  window: { kind: 'rolling', days: 30 },
  cluster: null,
  owner: null,
  channel: null,
  origin: { format: 'Edgewise', file: 'slos.yaml' },
  ...more,
});

/** The same about shop/checkout → shop/payments alone. */
export const fromCheckout: Slo['about'] = {
  kind: 'edge',
  edge: { cluster: null, source: { namespace: 'shop', workload: 'checkout', service: null }, destination: payments },
};

export const rulesOf = (slos: readonly Slo[], mesh: keyof typeof dialects = 'istio'): RuleFile =>
  burnRules(slos, { dialect: dialects[mesh], pins: [] });

export const textOf = (file: RuleFile): string => ruleFileText(file, 'Made for a test.', false);
