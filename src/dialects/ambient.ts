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
