import {
  childrenOf,
  type Parsed,
  parsePromql,
  type Selector,
  type SyntaxNode,
  selectorsOf,
  textOf,
  unquoted,
} from '../../domain/promql/tree.ts';
import { type Comparison, type Guard, guardsOf, type Span, secondsOf, spineOf, within } from './comparisons.ts';

export type { Comparison } from './comparisons.ts';

/** What an alert rule's expression is about. */
export type Family = 'istio' | 'linkerd' | 'envoy-cluster' | 'envoy-node' | 'control-plane' | 'recorded' | 'other';

/** What could be read from the expression, without asking anybody. */
export type Shape = {
  readonly parsed: Parsed;
  readonly family: Family;
  readonly selectors: readonly Selector[];
  readonly isAbsent: boolean;
  /** A bare rate that is too low, summed over many edges. */
  readonly isLowTraffic: boolean;
  /** A bare rate of all requests, summed over the whole mesh: no edge is to blame for it. */
  readonly isWholeTraffic: boolean;
  /** The comparisons that make it fire, outermost first. */
  readonly comparisons: readonly Comparison[];
  /** What stands beside the bare values. */
  readonly cuts: readonly Span[];
  /** The conditions beside them, outermost first. */
  readonly guards: readonly Guard[];
  /** The sides of `or`. */
  readonly branches: readonly Span[];
  /** Labels that survive to the alert; null: all that the metric carries. */
  readonly survivors: ReadonlySet<string> | null;
  /** Too expensive to be run again: subqueries over days, every metric. */
  readonly isExpensive: boolean;
};

const controlPlane = /^(pilot_|galley_|citadel_|istiod_|identity_cert_|sidecar_injection_|istio_build$|istio_agent_|control_)/;
const controlPlaneContainer = /istiod|discovery|pilot|linkerd-(destination|identity|proxy-injector)/;
const node = /^~?(\w+[:_])?envoy_(?!.*:)/;

/** Metrics whose series carry the ends of edges, by family. Federation and remote write put words of their own before the names. */
export const meshMetric = {
  istio: /^~?(\w+[:_])?istio(custom)?[._](requests?|response|tcp)[._]?(?!.*:)/,
  linkerd:
    /^~?(\w+:|linkerd_)?(request_total|response_total|response_latency_ms|route_(request|response)|outbound_|inbound_|tcp_open|tcp_(read|write))(?!.*:)/,
  'envoy-cluster': /^~?(\w+[:_])?envoy_cluster_(?!manager_)(?!.*:)/,
} as const;

const isMesh = (metric: string): boolean =>
  Object.values(meshMetric).some((pattern) => pattern.test(metric)) || metric.includes(':');

const familyOf = (selectors: readonly Selector[]): Family => {
  const metrics = selectors.map(({ metric }) => metric);
  const any = (pattern: RegExp): boolean => metrics.some((metric) => pattern.test(metric));
  if (any(meshMetric.istio)) return 'istio';
  if (any(meshMetric.linkerd)) return 'linkerd';
  if (any(/^envoy_control_plane_/)) return 'control-plane';
  if (any(meshMetric['envoy-cluster']))
    return selectors.some(({ matchers }) => matchers.some(({ label, value }) => label === 'cluster_name' && value === 'xds-grpc'))
      ? 'control-plane'
      : 'envoy-cluster';
  if (any(node)) return 'envoy-node';
  if (any(controlPlane)) return 'control-plane';
  if (
    any(/^(container_|kube_|up$|process_)/) &&
    selectors.some(({ matchers }) =>
      matchers.some(({ op, value }) => (op === '=' || op === '=~') && controlPlaneContainer.test(value)),
    )
  )
    return 'control-plane';
  return any(/:/) ? 'recorded' : 'other';
};

const has = (parsed: Parsed, passes: (node: SyntaxNode) => boolean): boolean => {
  let found = false;
  parsed.root.cursor().iterate(({ node: at }) => {
    if (!found && passes(at)) found = true;
  });
  return found;
};

const functionName = (at: SyntaxNode, text: string): string =>
  at.name === 'FunctionCall' && at.firstChild ? textOf(at.firstChild, text) : '';

/** Names in `by (…)`. */
const names = (list: SyntaxNode, text: string): readonly string[] =>
  childrenOf(list)
    .filter(({ name }) => /LabelName/.test(name))
    .map((label) => (label.name === 'QuotedLabelName' ? unquoted(textOf(label, text)) : textOf(label, text)));

/** Labels of the outermost aggregation on the left: what an alert of this rule can carry. */
const survivorsOf = (parsed: Parsed): ReadonlySet<string> | null => {
  let survivors: ReadonlySet<string> | null = null;
  let done = false;
  parsed.root.cursor().iterate(({ node: at }) => {
    if (done || at.name !== 'AggregateExpr') return;
    const op = at.firstChild ? textOf(at.firstChild, parsed.text) : '';
    if (/^(topk|bottomk|limitk)$/i.test(op)) return;
    done = true;
    const modifier = childrenOf(at).find(({ name }) => name === 'AggregateModifier');
    const list = modifier ? childrenOf(modifier).find(({ name }) => name === 'GroupingLabels') : undefined;
    if (!modifier) survivors = new Set();
    else if (modifier.firstChild?.name === 'By' && list)
      survivors = new Set(names(list, parsed.text).filter((name) => name !== 'le'));
  });
  return survivors;
};

const requestCounter =
  /(istio[._]requests([._]total)?|requests_total|request_total|response_total|_rq_total|upstream_rq(_xx|_completed)?|_count)(:.*)?$/;
const outcome = /(response_code|response_flags|status|classification|response_code_class|grpc)/;

const namesEnd =
  /^((source|destination)_(service|service_name|workload|app|canonical_service)|dst_\w+|deployment|envoy_cluster_name)$/;

/** A matcher that picks one end of edges, or some outcomes of requests: what is counted is not the whole mesh. */
const picksSome = ({ label, op, value }: Selector['matchers'][number]): boolean =>
  outcome.test(label) || (namesEnd.test(label) && (op === '=' || op === '=~') && !/^(\.[*+])?$/.test(value));

const daySeconds = 86_400;
const maxSteps = 11_000;

/** No person writes more; each costs a look at every other. */
const maxSelectors = 100;

/** Subqueries over days or of very many steps, and selectors that pick metrics by a wide pattern or by none. */
const isExpensive = (parsed: Parsed, selectors: readonly Selector[]): boolean =>
  selectors.length > maxSelectors ||
  selectors.some(({ metric }) => metric === '' || (metric.startsWith('~') && !/^~\w{6}/.test(metric))) ||
  has(parsed, (at) => {
    if (at.name !== 'SubqueryExpr') return false;
    const [range, step] = childrenOf(at)
      .filter(({ name }) => name === 'DurationExpr' || name.startsWith('NumberDuration'))
      .map((part) => secondsOf(textOf(part, parsed.text).trim()));
    return range === null || range === undefined || range > daySeconds || range / (step ?? 60) > maxSteps;
  });

export const matchersOf = ({ metric, matchers }: Selector): string =>
  JSON.stringify([metric, [...matchers.map(({ label, op, value }) => `${label}${op}${value}`)].sort()]);

/** All count requests; divided, if at all, only by their own past. */
const isBareCount = (parsed: Parsed, selectors: readonly Selector[]): boolean => {
  const isDivided = has(parsed, ({ name }) => name === 'Div');
  const isSpread = has(parsed, (at) => functionName(at, parsed.text) === 'histogram_quantile');
  const isSame = new Set(selectors.map(matchersOf)).size <= 1;
  return (
    selectors.length > 0 && selectors.every(({ metric }) => requestCounter.test(metric)) && !isSpread && (!isDivided || isSame)
  );
};

/** Less than its own past: a comparison of two measurements, one of them with an offset. */
const isBelowPast = ({ root, text }: Parsed): boolean => {
  let found = false;
  root.cursor().iterate(({ node: at }) => {
    const [left, operator] = childrenOf(at);
    const right = at.lastChild;
    if (at.name !== 'BinaryExpr' || !left || !operator || !right) return;
    const [isLeftPast, isRightPast] = [left, right].map((side) => /\boffset\b/.test(textOf(side, text)));
    if (/^Ls/.test(operator.name) && isRightPast && !isLeftPast) found = true;
    if (/^Gt/.test(operator.name) && isLeftPast && !isRightPast) found = true;
  });
  return found;
};

/** `absent(…)`, whatever is aggregated or added around it. */
const isMissing = (at: SyntaxNode, text: string, depth = 0): boolean => {
  if (/^absent(_over_time)?$/.test(functionName(at, text))) return true;
  const inner = /^(AggregateExpr|ParenExpr|FunctionCallBody)$/.test(at.name) ? childrenOf(at) : [];
  return depth < 16 && inner.some((child) => isMissing(child, text, depth + 1));
};

/** `x offset 1h unless x`: the same series were there, and are gone. */
const isVanished =
  (parsed: Parsed) =>
  ({ left, right, isUnless }: Guard): boolean => {
    const [before, now] = [left, right].map((root) => selectorsOf({ ...parsed, root }).map(matchersOf));
    const isPast = (at: SyntaxNode): boolean => /\boffset\b/.test(textOf(at, parsed.text));
    return isUnless && String(before) === String(now) && isPast(left) && !isPast(right);
  };

/** Reads an expression; null for text that is no PromQL. */
export const shapeOf = (text: string): Shape | null => {
  const parsed = parsePromql(text);
  if (!parsed.isValid) return null;
  const selectors = selectorsOf(parsed);
  const { comparisons, cuts, guards, branches } = spineOf(parsed, isMesh);
  const isLow =
    comparisons.some(({ op, threshold }) => op === '<' || op === '<=' || (op === '==' && threshold === 0)) || isBelowPast(parsed);
  const measured = selectors.filter((selector) => !cuts.some((cut) => within(selector, cut)));
  const isBare = isBareCount(parsed, measured.length === 0 ? selectors : measured);
  const survivors = survivorsOf(parsed);
  return {
    parsed,
    selectors,
    comparisons,
    cuts: [...cuts, ...guardsOf(parsed)],
    guards,
    branches: branches.map(({ from, to }) => ({ from, to })),
    family: familyOf(selectors),
    isAbsent:
      (branches.length > 0 && branches.every((branch) => isMissing(branch, text))) ||
      (selectors.length <= maxSelectors && guards.some(isVanished(parsed))),
    isLowTraffic: isLow && isBare,
    isWholeTraffic: isBare && survivors?.size === 0 && !measured.some(({ matchers }) => matchers.some(picksSome)),
    survivors,
    isExpensive: isExpensive(parsed, selectors),
  };
};
