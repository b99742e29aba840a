/** What people do with modals: they send them, and close them (docs.slack.dev/surfaces/modals). */
import type { Heard } from './delivery.ts';
import { type GestureParts, interaction, userNamed } from './gestures.ts';
import { people } from './people.ts';
import { fileState, type OpenView } from './state.ts';
import { type Entered, formProblems } from './values.ts';
import { viewProblems } from './view-rules.ts';
import { changeView, closeModals, modalsOf, pushModal, shownView } from './views.ts';

type Json = Readonly<Record<string, unknown>>;
type Problems = Readonly<Record<string, string>>;

/** What a person sends from the modal on top. Ada does it where nobody is named. */
export type Submission = { readonly person?: string; readonly values?: Entered };
/** `form`: the modal stays, with a sentence beside each field that is named. `trouble`: it stays, and Slack says that it could not reach the app. */
export type Submitted =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: 'form'; readonly problems: Problems }
  | { readonly ok: false; readonly error: 'trouble'; readonly why: string };

const trouble = (why: string): Submitted => ({ ok: false, error: 'trouble', why });

/** Errors stand beside fields: each has to name one, or Slack takes none of them. */
const refused = (view: OpenView, errors: unknown): Submitted => {
  const named = Object.entries((errors ?? {}) as Problems);
  const isField = (id: string): boolean => view.blocks.some((block) => block['type'] === 'input' && block['block_id'] === id);
  if (named.length === 0) return trouble('the app answered with no errors');
  const stray = named.find(([id, text]) => !isField(id) || typeof text !== 'string' || text === '');
  return stray === undefined
    ? { ok: false, error: 'form', problems: Object.fromEntries(named) }
    : trouble(`the app answered with an error for ${stray[0]}, which is no input block of this modal`);
};

/** Acts on the answer to a submission: `response_action` (docs.slack.dev/surfaces/modals, "Updating a view via response_action"). */
const settle = ({ state, nowMs }: GestureParts, view: OpenView, answer: unknown): Submitted => {
  const { response_action: action, errors, view: next } = (typeof answer === 'object' && answer !== null ? answer : {}) as Json;
  const isOnTop = modalsOf(state, view.person).at(-1)?.id === view.id;
  if (action === undefined || action === 'clear') {
    if (isOnTop || action === 'clear') closeModals(state, view.person, action === 'clear');
    return { ok: true };
  }
  if (action === 'errors') return refused(view, errors);
  if (action !== 'update' && action !== 'push') return trouble(`the app answered with the response_action ${String(action)}`);
  const { problems, isTooLarge } = viewProblems(next, 'modal', (id) => fileState(state, id, nowMs()));
  if (isTooLarge) return trouble('the app answered with a view that is too large');
  const [first] = problems;
  if (first) return trouble(`the app answered with a view that Slack refuses: ${first.problem} [${first.pointer}]`);
  if (action === 'update') changeView(view, nowMs(), next as Json);
  else {
    const pushed = pushModal(state, nowMs(), view.person, next as Json);
    if ('error' in pushed) return trouble(`the app answered with a push: ${pushed.error}`);
  }
  return { ok: true };
};

const submit = async (parts: GestureParts, { person = people.ada, values = {} }: Submission): Promise<Submitted> => {
  const { state, deliver, onChange } = parts;
  userNamed(state, person);
  const view = modalsOf(state, person).at(-1);
  if (!view) throw new Error(`${person} has no modal open`);
  if (view.given['submit'] === undefined) throw new Error('the modal on top has no button to send it');
  const problems = formProblems(view.blocks, values);
  if (Object.keys(problems).length > 0) return { ok: false, error: 'form', problems };
  const payload = {
    type: 'view_submission',
    ...interaction(parts, person),
    view: shownView(view, values),
    response_urls: [],
  };
  const heard = await deliver('interactive', payload);
  const outcome = heard.ok ? settle(parts, view, heard.payload) : trouble(heard.error);
  onChange();
  return outcome;
};

const dismiss = async (parts: GestureParts, person: string, isAll: boolean): Promise<readonly Heard[]> => {
  const { state, deliver, onChange } = parts;
  const top = modalsOf(state, person).at(-1);
  const isCleared = isAll || top?.given['clear_on_close'] === true;
  const gone = closeModals(state, person, isCleared);
  onChange();
  const told = gone.filter((view) => view.given['notify_on_close'] === true);
  return Promise.all(
    told.map((view) => {
      const { trigger_id: _, ...about } = interaction(parts, person);
      return deliver('interactive', { type: 'view_closed', ...about, view: shownView(view), is_cleared: isCleared });
    }),
  );
};

/** Sends the modal on top, or closes it, or all of them; resolves with what came of it. */
export const newModalGestures = (parts: GestureParts) => ({
  submit: (given: Submission = {}) => submit(parts, given),
  dismiss: (person: string, isAll = false) => dismiss(parts, person, isAll),
});
