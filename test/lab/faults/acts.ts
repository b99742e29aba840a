import type { Fault } from '../lab.ts';
import type { Manner } from '../mesh/apps/clients.ts';
import type { InboundFilter, ListenerLimits, Outbound } from '../mesh/proxy.ts';

/** Acts that many faults share, before (`setup`) or as the fault. */

/** What a caller's proxies know of a callee from now on. */
export const knows =
  (caller: string, callee: string, change: Partial<Outbound>): Fault['act'] =>
  ({ outbound }) =>
    outbound(caller, callee, (known) => ({ ...known, ...change }));

/** How a caller's proxies route to a callee from now on. */
export const routed =
  (caller: string, callee: string, change: Partial<Outbound['route']>): Fault['act'] =>
  ({ outbound }) =>
    outbound(caller, callee, (known) => ({ ...known, route: { ...known.route, ...change } }));

/** What a workload's listeners allow from now on: those by which it sends, or those that take what comes in. */
export const allowed =
  (who: string, way: 'outboundLimits' | 'inboundLimits', limits: ListenerLimits): Fault['act'] =>
  ({ proxy }) =>
    proxy(who, (config) => ({ ...config, [way]: limits }));

/** Filters that stand before a callee's applications from now on. */
export const filtered =
  (callee: string, ...filters: readonly InboundFilter[]): Fault['act'] =>
  ({ inbound }) =>
    inbound(callee, (known) => ({ ...known, filters }));

/** How much later an application answers all, or a share, of its requests. */
export const slow =
  (who: string, seconds: number, share = 1): Fault['act'] =>
  ({ behave }) =>
    behave(who, { share, does: { kind: 'slow', seconds } });

/** How an application asks others by HTTP from now on: each manner with a share of its requests. */
export const asks =
  (who: string, ...manners: readonly (readonly [manner: Manner, share: number])[]): Fault['act'] =>
  ({ behave }) =>
    behave(who, ...manners.map(([manner, share]) => ({ share, does: { kind: 'asks', manner } as const })));
