import type { Edge, EdgeEnd } from '../domain/edge.ts';
import { type Named, readQuestion } from '../domain/question-text.ts';
import type { Trace } from '../domain/trace.ts';
import { clean } from '../stages/compose/mrkdwn.ts';
import { UsageError } from './usage.ts';

/** What `--edge` says: the edge in the words given, and what they may mean in a trace, the likeliest first. */
export type AskedEdge = { readonly edge: Edge; readonly title: string; readonly readings: (trace: Trace) => readonly Edge[] };

const endOf = ({ namespace, name }: Named): EdgeEnd => ({ namespace, workload: null, service: name });

/** Names of services and of whom they call, in lower case. */
const namesIn = ({ spans }: Trace): ReadonlySet<string> =>
  new Set(spans.flatMap(({ service, peer }) => [service, peer ?? service]).map((name) => name.toLowerCase()));

/** "payments.shop" is payments in shop, as meshes name it; where a tracer calls somebody just so, it may be the whole of a name. */
const endsOf = (named: Named, known: ReadonlySet<string>): readonly EdgeEnd[] => {
  const [, service = '', namespace = ''] = /^([^.]+)\.([^.]+)$/.exec(named.name) ?? [];
  if (named.namespace !== null || service === '') return [endOf(named)];
  const inNamespace: EdgeEnd = { namespace, workload: null, service };
  return known.has(named.name.toLowerCase()) ? [inNamespace, endOf(named)] : [inNamespace];
};

const nameOf = ({ namespace, name }: Named): string => (namespace === null ? name : `${namespace}/${name}`);

/** The two ends around an arrow or a slash, around the middle one of three; "shop/checkout payments" has its slash within one end. */
const endsIn = (text: string): readonly string[] => {
  const ends = text.split(/→|[-=]+>/);
  if (ends.length === 2) return ends;
  const [a = '', b = '', c = '', d = '', ...more] = text.split('/').map((part) => part.trim());
  if (d !== '' && more.length === 0) return [`${a}/${b}`, `${c}/${d}`];
  return b !== '' && c === '' && text.split(/\s+/).length !== 2 ? [a, b] : [];
};

/** The edge as two words that `why` takes: "checkout/payments" would else be a namespace with a name, "The Shop" be two. */
const inWords = (text: string): string => {
  const [from = '', to = ''] = endsIn(text).map((end) => end.replaceAll('"', '').trim());
  return from === '' || to === '' ? text : `"${from}" "${to}"`;
};

/** "checkout/payments", or whatever `why` takes: "checkout payments", "shop/checkout → shop/payments". Throws `UsageError`. */
export const readEdge = (text: string): AskedEdge => {
  const question = readQuestion(`why ${inWords(text.trim())}`);
  if (question.kind !== 'why' || question.from === null)
    throw new UsageError(`--edge ${clean(text)}: expected a caller and whom it calls, such as checkout/payments`);
  const { from, to } = question;
  return {
    edge: { cluster: null, source: endOf(from), destination: endOf(to) },
    title: `${nameOf(from)} → ${nameOf(to)}`,
    readings: (trace) => {
      const known = namesIn(trace);
      return endsOf(to, known).flatMap((destination) =>
        endsOf(from, known).map((source) => ({ cluster: null, source, destination })),
      );
    },
  };
};
