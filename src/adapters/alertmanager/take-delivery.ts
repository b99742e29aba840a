import { setTimeout as wait } from 'node:timers/promises';
import { SourceError } from '../../domain/gathered.ts';
import type { Clock, Log, NewDelivery, Store } from '../../ports.ts';
import type { DeliveryResult, Telemetry } from '../system/telemetry.ts';
import { deadMan } from './dead-man.ts';
import { readPayload } from './payload.ts';
import { byScope, type ScopeOf } from './scopes.ts';
import type { Slot } from './slots.ts';

export type DeliveryOptions = {
  readonly store: Pick<Store, 'accept'>;
  readonly scopeOf: ScopeOf;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly telemetry: Pick<Telemetry, 'delivery' | 'deliveryBytes' | 'deadMan'>;
  readonly log: Log;
  /** How long the store may take before the sender is asked to come again; default 10 s. */
  readonly acceptWithinMs?: number;
};

/** What the sender is told. `field`, `given` and `expected` explain a refusal. */
type DeliveryAnswer = { readonly status: 200 | 400 | 503; readonly result: DeliveryResult; readonly body: object };

/** Alertmanager retries network errors and 5xx within a flush and nothing else: what may pass is 503, never 429 or 408. */
export const comeAgain = (result: DeliveryResult, error: string): DeliveryAnswer => ({ status: 503, result, body: { error } });

const why = (error: unknown): string => (error instanceof SourceError ? `${error.source} ${error.message}` : 'the store failed');

/**
 * Resolves with the store's word, or as late after `acceptWithinMs`. Alertmanager's own patience may be endless, and its
 * twin in the pair sends the same after 15 s; when the commit lands after all, the retry is a duplicate.
 */
const stored = async (delivery: NewDelivery, slot: Slot, { store, acceptWithinMs = 10_000 }: DeliveryOptions) => {
  const letGo = slot.hold();
  const patience = new AbortController();
  const late = wait(acceptWithinMs, null, { signal: patience.signal }).catch(() => null);
  const pending = (async () => store.accept(delivery))().finally(letGo);
  pending.catch(() => undefined);
  try {
    const word = await Promise.race([pending, late]);
    if (word === null) throw new SourceError('the store', 'timeout', `did not answer in ${acceptWithinMs / 1000} s`);
    return word;
  } finally {
    patience.abort();
  }
};

/** Takes one body: 200 only once it is committed (or only proves that alerting lives), 400 with the reason, else 503. Never throws. */
export const takeDelivery = async (text: string, slot: Slot, options: DeliveryOptions): Promise<DeliveryAnswer> => {
  const read = readPayload(text);
  if (!read.ok) return { status: 400, result: 'malformed', body: { error: 'the body was refused', ...read.refusal } };
  const receivedAtMs = options.clock.nowMs();
  const deliveries: NewDelivery[] = [];
  for (const { scope, group } of byScope(read.group, options.scopeOf)) {
    const { heard, rest } = deadMan(group);
    for (const name of heard) options.telemetry.deadMan(name, scope.cluster, receivedAtMs);
    if (rest !== null) deliveries.push({ ...scope, receivedAtMs, group: rest });
  }
  if (deliveries.length === 0) return { status: 200, result: 'dead-man', body: { status: 'heard' } };
  try {
    // When a later one fails all come again, and those that stand are duplicates then.
    const words: ('accepted' | 'duplicate')[] = [];
    for (const delivery of deliveries) words.push(await stored(delivery, slot, options));
    const result = words.includes('accepted') ? 'accepted' : 'duplicate';
    return { status: 200, result, body: { status: result } };
  } catch (error) {
    options.log('error', 'a delivery could not be stored', { error });
    return comeAgain('store-failed', why(error));
  }
};
