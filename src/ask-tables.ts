import { type AskWorld, type Reply, said } from './asking.ts';
import { quantile } from './domain/histogram.ts';
import { counterOf, failedMeans, type Mesh } from './domain/mesh.ts';
import type { Question } from './domain/question-text.ts';
import { flagMeaning } from './domain/response-flag.ts';
import type { Histogram } from './domain/signals.ts';
import { statusText } from './domain/span-status.ts';
import { count, percent, quantileText, rate, success } from './domain/words.ts';
import { inNamespace } from './find-asked-edge.ts';
import { type Found, isBusy, nameOf, whereItIs } from './find-edges.ts';
import { gatherQueries } from './gather.ts';
import { rowsOf } from './inquiry.ts';
import { type EdgeRow, type EdgeTable, maxRows, tableMessage } from './stages/compose/tables.ts';
import type { AskedEdges } from './stages/measure/asked.ts';
import { type Ending, readEndings } from './stages/measure/endings.ts';
import { planSecurity, readSecurity, type SecuredEdge } from './stages/measure/security.ts';
import type { StatEdge } from './stages/measure/stat.ts';

/** A question that is answered by a table of edges. */
type TableQuestion = Extract<Question, { readonly kind: 'stat' | 'top' | 'flags' | 'edges' }>;

/** What a table makes of the edges that were asked for. */
type Filled = Pick<EdgeTable, 'columns' | 'figures' | 'none' | 'facts' | 'gaps' | 'spoken'> & {
  readonly rows: readonly EdgeRow[];
};

type Asked = { readonly found: Found; readonly question: AskedEdges };

const quantileOf = (latency: Histogram | null, q: number): string => {
  const value = latency === null ? null : quantile(q, latency);
  return value === null ? '–' : quantileText(value);
};

const successOf = ({ counts: { requests, failed } }: StatEdge): string =>
  requests < 20 ? `${count(requests - failed)} of ${count(requests)}` : success(failed < 0.5 ? 0 : failed / requests);

const rateOf = ({ noun, counts }: StatEdge, seconds: number): string => {
  const perSecond = rate(counts.requests / seconds);
  return noun === 'connection' ? `${perSecond} TCP` : perSecond;
};

const reporterOf = (edges: readonly StatEdge[], mesh: Mesh): string => {
  if (mesh === 'ambient') return counterOf(mesh, 'caller');
  const callee = edges.filter(({ reporter }) => reporter === 'callee').length;
  if (callee === 0) return "the callers' proxies";
  return callee === edges.length ? "the callees' proxies" : "the callers' proxies, the callee's where no caller's reports";
};

const factsOf = (edges: readonly StatEdge[], mesh: Mesh): readonly string[] => [
  `counted by ${reporterOf(edges, mesh)}`,
  failedMeans(mesh),
  ...(edges.some(({ noun }) => noun === 'connection') ? ['TCP: connections that ended, whole where no flag says otherwise'] : []),
];

const ofEdges = (
  { found: { cluster, edges, gaps }, question }: Asked,
  order: (edges: readonly StatEdge[]) => readonly StatEdge[],
) => {
  const busy = order(edges.filter(isBusy));
  return { busy, seconds: question.seconds, facts: factsOf(busy.slice(0, maxRows), cluster.dialect.name), gaps };
};

/** As `linkerd viz stat` has them, and what was refused. */
const stat = (asked: Asked): Filled => {
  const { busy, seconds, facts, gaps } = ofEdges(asked, (edges) => edges);
  return {
    columns: ['Success', 'RPS', 'p50', 'p95', 'p99', 'Refused'],
    figures: [0, 1, 2, 3, 4, 5],
    rows: busy.map((one) => ({
      edge: one.edge,
      cells: [
        ...[successOf(one), rateOf(one, seconds)],
        ...[0.5, 0.95, 0.99].map((q) => quantileOf(one.latency, q)),
        one.counts.refused < 0.5 ? '–' : count(one.counts.refused),
      ],
    })),
    none: 'no edge with requests',
    facts,
    gaps,
    spoken: ({ cells: [ok, perSecond, , , p99] }) => `${ok} ok, ${perSecond}, p99 ${p99}`,
  };
};

/** What failed or was refused most; of equals what took longest. */
const worstFirst = (edges: readonly StatEdge[]): readonly StatEdge[] => {
  const bad = ({ counts: { failed, refused } }: StatEdge): number => Math.round(failed + refused);
  const slow = ({ latency }: StatEdge): number => (latency === null ? 0 : (quantile(0.99, latency)?.seconds ?? 0));
  return [...edges].sort((a, b) => bad(b) - bad(a) || slow(b) - slow(a));
};

const top = (asked: Asked): Filled => {
  const { busy, seconds, facts, gaps } = ofEdges(asked, worstFirst);
  const perMinute = (requests: number): string => {
    const each = (requests * 60) / seconds;
    if (requests < 0.5) return '–';
    return each < 0.5 ? '< 1' : count(each);
  };
  return {
    columns: ['Failed/min', 'Refused/min', 'Success', 'RPS', 'p99'],
    figures: [0, 1, 2, 3, 4],
    rows: busy.map((one) => ({
      edge: one.edge,
      cells: [
        ...[perMinute(one.counts.failed), perMinute(one.counts.refused)],
        ...[successOf(one), rateOf(one, seconds), quantileOf(one.latency, 0.99)],
      ],
    })),
    none: 'no edge with requests',
    facts: ['most failed and refused requests first, then the slowest', ...facts],
    gaps,
    spoken: ({ cells: [failed, , ok, , p99] }) => `${failed === '–' ? 'none' : failed} failed a minute, ${ok} ok, p99 ${p99}`,
  };
};

const outcomeWords: Readonly<Record<Ending['outcome'], string>> = {
  failed: 'failed',
  refused: 'refused',
  'client-error': 'client error',
  'client-left': 'client left',
  ok: 'answered',
};

const meaningOf = ({ flags, code }: Ending): string =>
  flags.length > 0 ? flags.map(flagMeaning).join('; ') : code === '' ? 'no flag' : 'answered by the application';

const statusOf = ({ code, grpcStatus, flags }: Ending): string =>
  statusText({
    attributes: {
      ...(code === '' ? {} : { 'http.status_code': code }),
      ...(grpcStatus === null ? {} : { 'grpc.status_code': grpcStatus }),
    },
    flags,
  }) || '–';

const flagsTable = ({ found: { cluster, edges, counts, gaps } }: Asked): Filled => {
  const endings = readEndings(cluster.dialect, cluster.name, counts);
  return {
    // A phone shows the first few.
    columns: ['Status', 'Share', 'At caller', 'At callee', 'Outcome', 'Means'],
    figures: [1, 2, 3],
    rows: endings.map((one) => ({
      edge: one.edge,
      cells: [
        ...[statusOf(one), percent(one.share)],
        ...[one.atCaller, one.atCallee].map((requests) => (requests < 0.5 ? '–' : count(requests))),
        ...[outcomeWords[one.outcome], meaningOf(one)],
      ],
    })),
    none: edges.some(isBusy) ? 'every request was answered well, without a response flag,' : 'no edge with requests',
    facts: ['both ends count the same requests', failedMeans(cluster.dialect.name)],
    gaps,
    spoken: ({ cells: [status, , atCaller, atCallee, , means] }) =>
      `${atCaller === '–' ? atCallee : atCaller} × ${status}, ${means}`,
  };
};

/** `spiffe://cluster.local/ns/shop/sa/checkout` and `checkout.shop.serviceaccount.identity.linkerd.cluster.local` as "shop/checkout". */
const identityName = (identity: string): string => {
  const spiffe = /^spiffe:\/\/([^/]+)\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(identity);
  if (spiffe) return `${spiffe[2]}/${spiffe[3]}${spiffe[1] === 'cluster.local' ? '' : ` of ${spiffe[1]}`}`;
  const linkerd = /^([^.]+)\.([^.]+)\.serviceaccount\./.exec(identity);
  return linkerd ? `${linkerd[2]}/${linkerd[1]}` : identity;
};

const identitiesText = ([first, ...more]: readonly string[]): string =>
  first === undefined ? '–' : `${identityName(first)}${more.length === 0 ? '' : ` +${more.length}`}`;

/** "no" only where it was seen: what neither end tells is not known. */
const securedText = ({ securedRatio, reasons }: SecuredEdge): string => {
  if (securedRatio === null) return 'not known';
  if (securedRatio === 1) return 'yes';
  const why = reasons.length === 0 ? '' : ` (${reasons[0]})`;
  return securedRatio === 0 ? `no${why}` : `${percent(securedRatio)}${why}`;
};

/** As `linkerd viz edges`, and how much of it. */
const edgesTable = async ({ found, question }: Asked): Promise<Filled> => {
  const { cluster, gaps } = found;
  const budget = { records: [], maxCalls: 20, deadlineMs: cluster.deadlineMs };
  const answers = await gatherQueries(cluster.metrics, planSecurity(cluster.dialect, question), budget);
  const missing = [...answers.values()].flatMap((answer) => (answer.ok ? [] : [answer.gap]));
  return {
    columns: ['mTLS', 'Client identity', 'Server identity'],
    figures: [],
    rows: readSecurity(cluster.dialect, cluster.name, rowsOf(answers, 'edge-security')).map((one) => ({
      edge: one.edge,
      cells: [securedText(one), identitiesText(one.clients), identitiesText(one.servers)],
    })),
    none: missing.length > 0 ? 'nothing could be read' : 'no edge with requests',
    facts: ['identities: namespace/service account, as certificates prove them'],
    gaps: [...gaps.filter(({ what }) => what !== 'latency figures'), ...missing],
    spoken: ({ cells: [secured] }) => `mTLS ${secured}`,
  };
};

const tables: Readonly<Record<TableQuestion['kind'], (asked: Asked) => Filled | Promise<Filled>>> = {
  stat,
  top,
  flags: flagsTable,
  edges: edgesTable,
};

const nouns: Readonly<Record<TableQuestion['kind'], string>> = {
  stat: 'Edges',
  top: 'Worst edges',
  flags: 'Response flags and codes',
  edges: 'mTLS of edges',
};

/** Answers with a table of the asked edges, or says why there is none. */
export const tableReply = async (world: AskWorld, { kind, name, from, options }: TableQuestion): Promise<Reply> => {
  const atMs = world.clock.nowMs();
  const to = inNamespace(name, options.namespace);
  const question: AskedEdges = { name: to, from, namespace: options.namespace, seconds: options.windowSeconds, atMs };
  const asked = to === null ? 'It' : from === null ? nameOf(to) : `${nameOf(from)} → ${nameOf(to)}`;
  const where = await whereItIs(world, options, question, asked);
  if ('reply' in where) return said(where.reply, 'not-found');
  const { cluster } = where.found;
  const { rows, ...filled } = await tables[kind]({ found: where.found, question });
  const place = options.namespace === null ? cluster.name : `${cluster.name} / ${options.namespace}`;
  const title = to === null ? `${nouns[kind]} of ${place}` : `${nouns[kind]} of ${asked} in ${cluster.name}`;
  const answer = {
    ...filled,
    title,
    rows: rows.slice(0, maxRows),
    more: Math.max(0, rows.length - maxRows),
    atMs,
    windowSeconds: question.seconds,
  };
  return said(tableMessage(answer, world.settingOf(null, cluster.name).timeZone));
};
