import type { Fault } from '../lab.ts';
import type { Outbound } from '../mesh/proxy.ts';

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
