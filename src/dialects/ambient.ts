import type { Dialect } from '../domain/dialect.ts';
import { equals } from '../domain/promql.ts';
import { istio } from './istio.ts';

/** Istio ambient: only a waypoint sees requests, and it stands for both ends' view; gateways still report as `source`. */
export const ambient: Dialect = {
  ...istio,
  name: 'ambient',
  views: {
    caller: { ...istio.views.caller, matchers: [equals('reporter', 'waypoint')] },
    callee: { ...istio.views.callee, matchers: [equals('reporter', 'destination')] },
  },
};

/** The callers' ztunnels in place of the waypoints: they count every connection, and know who opens it (istio.io, "Ambient data plane"). */
export const byTunnels = (dialect: Dialect): Dialect => {
  const { caller, callee } = dialect.views;
  const matchers = caller.matchers.map(({ label }) => equals(label, 'source'));
  return { ...dialect, views: { caller: { ...caller, matchers }, callee } };
};
