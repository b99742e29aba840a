import { asked, possessive, type Voice } from './span-names.ts';
import { whyFailed } from './span-status.ts';
import { isProxySpan } from './span-workload.ts';
import type { PathPart, Span, Trace } from './trace.ts';
import { count } from './words.ts';

/** Whom a service called that answered its own call. */
export const itself = ({ spans }: Trace): string => (spans.some(isProxySpan) ? 'its own proxy' : 'itself');

/** "GET /ratings/0"; "14 × SELECT orders (usually 2)" where it is the number of the calls that grew. */
export const workWords = (
  trace: Trace,
  { operation, calls, usualCalls, spans: [place = -1] }: PathPart,
  voice: Voice,
): string => {
  const usually = usualCalls !== null && calls >= 2 * Math.max(1, usualCalls) ? ` (usually ${count(usualCalls)})` : '';
  const span = trace.spans[place];
  const what = voice.operation(span === undefined ? operation : asked(span, calls === 1));
  return `${calls > 1 ? `${count(calls)} × ` : ''}${what}${usually}`;
};

/** "in bank, POST /accounts: answered 503", "at payments' call to bank: could not connect to the callee": where a failure began, and why as far as it is told. */
export const originWords = (span: Span, voice: Voice): string => {
  const where =
    span.kind === 'client' && span.peer !== null
      ? `at ${possessive(voice.name(span.service))} call to ${voice.name(span.peer)}`
      : `in ${voice.name(span.service)}, ${voice.operation(asked(span, true))}`;
  const why = whyFailed(span);
  return why === null ? where : `${where}: ${why}`;
};
