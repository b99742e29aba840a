import { type GapReason, SourceError } from '../../domain/gathered.ts';
import { classify, type Failure } from './classify.ts';

const name = 'Slack';

const reasons: Readonly<Record<Failure['kind'], GapReason>> = {
  'rate-limited': 'too-expensive',
  'look-later': 'too-expensive',
  later: 'unreachable',
  unknown: 'timeout',
  'locked-out': 'refused',
  'not-in-channel': 'refused',
  'no-channel': 'absent',
  'bad-blocks': 'malformed',
  'too-long': 'malformed',
  'bad-metadata': 'malformed',
  'cannot-edit': 'refused',
  'root-gone': 'absent',
  'bad-file': 'malformed',
  hopeless: 'refused',
};

/** What the codes of views and response URLs mean to who reads the log (docs.slack.dev/reference/methods/views.open). */
const words: Readonly<Record<string, readonly [GapReason, string]>> = {
  expired_trigger_id: ['timeout', 'takes no modal later than 3 s after the click'],
  exchanged_trigger_id: ['refused', 'takes one modal a click'],
  invalid_trigger_id: ['refused', 'does not know the click that a modal was to answer'],
  push_limit_reached: ['refused', 'takes three modals above one another at most'],
  view_too_large: ['malformed', 'takes 250 kB a view at most'],
  invalid_arguments: ['malformed', 'refuses the view'],
  used_url: ['refused', 'takes five answers to one gesture at most'],
  expired_url: ['timeout', 'takes no answer later than half an hour after the gesture'],
  no_text: ['malformed', 'takes no empty message'],
};

/** An error of ours that says what Slack's code means; a code that nobody explains stands as it is. */
export const refusal = (code: string, cause?: unknown): SourceError => {
  const known = Object.hasOwn(words, code) ? words[code] : undefined;
  if (known) return new SourceError(name, known[0], `${known[1]} (${code})`, { cause });
  const { kind } = classify({ data: { error: code } });
  return new SourceError(name, reasons[kind], `refuses: ${code.slice(0, 100)}`, { cause });
};

/** Any failure of a call, as the one error that adapters throw; without a word of what was sent. */
export const asSourceError = (error: unknown): SourceError => {
  if (error instanceof SourceError) return error;
  const { data } = error as { readonly data?: { readonly error?: unknown; readonly needed?: unknown } };
  if (data?.error === 'missing_scope')
    return new SourceError(name, 'refused', `lacks the scope ${String(data.needed ?? '')}`.trim(), { cause: error });
  if (typeof data?.error === 'string') return refusal(data.error, error);
  const failure = classify(error);
  const detail = failure.kind === 'rate-limited' ? `asks to wait ${failure.waitMs / 1000} s` : 'did not answer';
  return new SourceError(name, reasons[failure.kind], detail, { cause: error });
};
