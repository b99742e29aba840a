import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from '../lab.ts';
import { rootCount, untoldAlerts } from './messages.ts';
import type { Slot } from './slot-parts.ts';

/** When a fault is looked at: once its alerts have fired and were told, and never much later than it needs. */

/** From the act to the look, where the fault does not say otherwise. */
const usualAgeSeconds = 75;
/** Alerts that fire a little later are waited for. */
const patienceSeconds = 25;
/** How long the first message waits for others about the same fault, once it stands. */
const companySeconds = 12;
/** From an alert that fires to Alertmanager's call: an evaluation, its group's wait, and a second more. */
const callSeconds = 3;
/** How long a triage that began may take: sources that do not answer are given up sooner. */
const triageSeconds = 15;

/** An alert of Prometheus; `firesAtMs`: when its rule's `for` has passed. */
type RuleAlert = { readonly name: string; readonly state: string; readonly firesAtMs: number };

/** As /api/v1/rules has it (prometheus.io/docs, "HTTP API", Rules). */
type RulesAnswer = {
  readonly data: {
    readonly groups: readonly {
      readonly rules: readonly {
        readonly name: string;
        /** Seconds. */
        readonly duration?: number;
        readonly alerts?: readonly { readonly state: string; readonly activeAt: string }[];
      }[];
    }[];
  };
};

export const alertsOf = ({ data: { groups } }: RulesAnswer): readonly RuleAlert[] =>
  groups.flatMap(({ rules }) =>
    rules.flatMap(({ name, duration = 0, alerts = [] }) =>
      alerts.map(({ state, activeAt }) => ({ name, state, firesAtMs: Date.parse(activeAt) + duration * 1000 })),
    ),
  );

export const alertsAt = async (url: string, signal: AbortSignal): Promise<readonly RuleAlert[]> =>
  alertsOf((await (await fetch(`${url}/api/v1/rules?type=alert`, { signal })).json()) as RulesAnswer);

/** Whether an alert is pending that will fire by then; one that needs longer is not waited for. */
export const isAwaited = (alerts: readonly RuleAlert[], byMs: number): boolean =>
  alerts.some(({ state, firesAtMs }) => state === 'pending' && firesAtMs <= byMs);

/** What fires goes to the bot, and becomes a root unless it joins one. */
const isComing = async (slot: Slot, url: string, hasRoot: boolean, byMs: number): Promise<boolean> => {
  const alerts = await alertsAt(url, slot.signal);
  return isAwaited(alerts, byMs) || (!hasRoot && alerts.some(({ state }) => state === 'firing'));
};

/** Until every triage that an alert began has ended; the names of the alerts whose has not even then. */
const untoldAtLast = async (slot: Slot, cluster: string): Promise<readonly string[]> => {
  const endMs = Date.now() + triageSeconds * 1000;
  while (untoldAlerts(slot, cluster).length > 0 && Date.now() < endMs) await wait(250, undefined, { signal: slot.signal });
  return untoldAlerts(slot, cluster);
};

/** Waits until it is time to look, and until what fired is told; gives the names of the alerts that are not told even then. */
export const waitToLook = async (slot: Slot, fault: Fault, actMs: number, url: string): Promise<readonly string[]> => {
  const { signal } = slot;
  const oldMs = actMs + (fault.ageSeconds ?? usualAgeSeconds) * 1000;
  const lastMs = oldMs + patienceSeconds * 1000;
  const isPatient = fault.kind === 'quiet' || fault.ageSeconds !== undefined;
  if (isPatient) await wait(Math.max(0, oldMs - Date.now()), undefined, { signal });
  let firstMs: number | null = null;
  let comingMs = 0;
  while (Date.now() < lastMs) {
    if (rootCount(slot, fault.name) > 0) firstMs ??= Date.now();
    const isTime = firstMs === null ? Date.now() >= oldMs : Date.now() - firstMs >= companySeconds * 1000;
    if (isTime && (await isComing(slot, url, firstMs !== null, lastMs - callSeconds * 1000))) comingMs = Date.now();
    if (isTime && Date.now() - comingMs >= callSeconds * 1000) break;
    await wait(1000, undefined, { signal });
  }
  return untoldAtLast(slot, fault.name);
};
