import { percent } from '../domain/words.ts';
import { gatherQueries } from '../gather.ts';
import { rowsOf } from '../inquiry.ts';
import { planSecurity, readSecurity, type SecuredEdge } from '../stages/measure/security.ts';
import type { Asked, Filled } from './filled.ts';

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
export const edges = async ({ found, question }: Asked): Promise<Filled> => {
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
    gaps: [...gaps, ...missing],
    spoken: ({ cells: [secured] }) => `mTLS ${secured}`,
  };
};
