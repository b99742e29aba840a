import type { Note } from '../../../domain/diagnosis.ts';
import type { Evidence } from '../../../domain/evidence.ts';
import { voiceOf } from '../../../domain/span-names.ts';
import type { Propagation } from '../../../domain/trace.ts';
import { count } from '../../../domain/words.ts';

const voice = voiceOf((service) => service, 60);
/** Operations that are named. */
const mostNamed = 3;

/** Proven by halves of one request; without them such calls may be nobody's. */
const headOf = (name: string, { verdict, halves }: Propagation): string => {
  const isProven = halves > 0;
  if (verdict === 'some paths')
    return `${name} ${isProven ? 'forwards' : 'seems to forward'} trace headers for some of its calls only`;
  return `${name} ${isProven ? 'does not forward' : 'seems not to forward'} trace headers`;
};

const evidenceOf = ({ halves, broken }: Propagation): readonly string[] => [
  halves > 0
    ? `${count(halves)} of them ${halves === 1 ? 'bears' : 'bear'} the id of a request that it had got by another trace: two halves of one`
    : 'no request id proves it: calls that it makes of itself (timers, queues) look the same',
  ...(broken.length === 0
    ? []
    : [
        `most often at ${broken
          .slice(0, mostNamed)
          .map(({ operation, traces, of }) => `${voice.operation(operation)} (${count(traces)} of ${count(of)})`)
          .join(', ')}`,
      ]),
  'what it waits for is missing in the traces of its callers',
];

/** The message shows sentence and advice only: the doubt stands in both. */
const noteOf = (service: string, told: Propagation): Omit<Note, 'name'> => {
  const name = voice.name(service);
  const { outbound, both, halves, headers } = told;
  const copy = `${name} copy these headers from each request it serves to the calls it makes for it: ${headers.join(', ')}`;
  return {
    sentence: `${headOf(name, told)}: ${count(outbound - both)} of ${count(outbound)} traces with its calls begin at the call`,
    evidence: evidenceOf(told),
    advice: halves > 0 ? `Let ${copy}` : `Unless timers or queues make these calls, let ${copy}`,
  };
};

/** Whoever on the edge does not hand trace headers on, which proxies cannot do for it (istio.io, "Distributed Tracing Overview"). */
export const droppedTraceHeaders = {
  name: 'dropped-trace-headers',
  find: ({ tracing }: Evidence): readonly Omit<Note, 'name'>[] =>
    (tracing?.ok === true ? tracing.value.propagation : [])
      .filter(({ told: { verdict } }) => verdict === 'drops' || verdict === 'some paths')
      .map(({ service, told }) => noteOf(service, told)),
};
