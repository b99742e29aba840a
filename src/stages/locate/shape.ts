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

/** What an alert rule's expression is about. */
export type Family = 'istio' | 'linkerd' | 'envoy-cluster' | 'envoy-node' | 'control-plane' | 'recorded' | 'other';

/** `> 5`: the comparison that makes the alert fire. Positions are those of the operator and its number. */
export type Comparison = {
  readonly op: '>' | '>=' | '<' | '<=' | '==' | '!=';
  readonly threshold: number;
  readonly from: number;
  readonly to: number;
};

/** What could be read from the expression, without asking anybody. */
export type Shape = {
  readonly parsed: Parsed;
  readonly family: Family;
  readonly selectors: readonly Selector[];
  readonly isAbsent: boolean;
  /** A bare rate that is too low, summed over many edges. */
  readonly isLowTraffic: boolean;
  /** Every comparison with a number. */
  readonly comparisons: readonly Comparison[];
  /** Labels that survive to the alert; null: all that the metric carries. */
  readonly survivors: ReadonlySet<string> | null;
  /** Too expensive to be run again: subqueries over days, every metric. */
  readonly isExpensive: boolean;
};

const controlPlane = /^(pilot_|galley_|citadel_|istiod_|identity_cert_|sidecar_injection_|istio_build$|istio_agent_|control_)/;
const controlPlaneContainer = /istiod|discovery|pilot|linkerd-(destination|identity|proxy-injector)/;
const node = /^envoy_(http_downstream|listener|server|runtime|sds|http_)/;

const familyOf = (selectors: readonly Selector[]): Family => {
  const metrics = selectors.map(({ metric }) => metric);
  const any = (pattern: RegExp): boolean => metrics.some((metric) => pattern.test(metric));
  if (any(/^(workload:|destination:)?istio(custom)?_(requests?|response|tcp)_/)) return 'istio';
  if (
    any(
      /^(request_total|response_total|response_latency_ms|route_(request|response)|outbound_|inbound_|tcp_open|tcp_(read|write))/,
    )
  )
    return 'linkerd';
  if (any(/^envoy_cluster_/))
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

const operators: Readonly<Record<string, Comparison['op']>> = {
  Gtr: '>',
  Gte: '>=',
  Lss: '<',
  Lte: '<=',
  Eql: '==',
  Eqlc: '==',
  EqlSingle: '==',
  Neq: '!=',
};

const numberOf = (text: string): number | null => {
  const value = Number(text.replace(/[()\s]/g, ''));
  return Number.isFinite(value) && /\d/.test(text) ? value : null;
};

/** Comparisons of something with a number, outermost first. */
const comparisonsOf = ({ root, text }: Parsed): readonly Comparison[] => {
  const found: Comparison[] = [];
  root.cursor().iterate(({ node: at }) => {
    if (at.name !== 'BinaryExpr') return;
    const children = childrenOf(at);
    const operator = children.find(({ name }) => Object.hasOwn(operators, name));
    const right = children.at(-1);
    const op = operator ? operators[operator.name] : undefined;
    const threshold = right ? numberOf(textOf(right, text)) : null;
    if (operator && op && right && threshold !== null) found.push({ op, threshold, from: operator.from, to: right.to });
  });
  return found;
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

const requestCounter = /(requests_total|request_total|response_total|_rq_total|upstream_rq(_xx|_completed)?|_count)$/;

/** Reads an expression; null for text that is no PromQL. */
export const shapeOf = (text: string): Shape | null => {
  const parsed = parsePromql(text);
  if (!parsed.isValid) return null;
  const selectors = selectorsOf(parsed);
  const comparisons = comparisonsOf(parsed);
  const divides = has(parsed, (at) => at.name === 'Div') || has(parsed, (at) => functionName(at, text) === 'histogram_quantile');
  const isLow =
    comparisons.some(({ op }) => op === '<' || op === '<=') ||
    comparisons.some(({ op, threshold }) => op === '==' && threshold === 0);
  const subqueryDays = has(
    parsed,
    (at) => at.name === 'SubqueryExpr' && /\[\s*(\d+[wy]|[2-9]\d*d|1\d+d)/.test(textOf(at, text).slice(-40)),
  );
  return {
    parsed,
    selectors,
    comparisons,
    family: familyOf(selectors),
    isAbsent: has(parsed, (at) => /^absent(_over_time)?$/.test(functionName(at, text))),
    isLowTraffic: isLow && !divides && selectors.every(({ metric }) => requestCounter.test(metric)),
    survivors: survivorsOf(parsed),
    isExpensive:
      subqueryDays ||
      selectors.some(
        ({ metric, matchers }) => (metric === '' || metric.startsWith('~')) && !matchers.some(({ op }) => op === '='),
      ),
  };
};
