import { people } from '../people.ts';
import type { Problem } from '../rules/problem.ts';
import { fileState, type OpenView } from '../state.ts';
import { viewProblems } from '../view-rules.ts';
import { changeView, openModal, publishHome, pushModal, shownView, viewAt } from '../views.ts';
import { type Answer, type Arguments, type Context, failed, type Method, textOf } from './call.ts';

type Given = Readonly<Record<string, unknown>>;

const told = (problems: readonly Problem[]): Answer =>
  failed('invalid_arguments', {
    response_metadata: { messages: problems.map(({ pointer, problem }) => `[ERROR] ${problem} [json-pointer:${pointer}]`) },
  });

/** The view of a call, checked; or what Slack says of it. */
const viewOf = ({ state, nowMs }: Context, given: Arguments, type: 'modal' | 'home'): { readonly view: Given } | Answer => {
  const { problems, isTooLarge } = viewProblems(given['view'], type, (id) => fileState(state, id, nowMs));
  if (isTooLarge) return failed('view_too_large');
  if (problems.length > 0) return told(problems);
  const view = given['view'] as Given;
  const external = textOf(view, 'external_id');
  const other = external === null ? undefined : viewAt(state, null, external);
  return other && other.id !== textOf(given, 'view_id') && external !== textOf(given, 'external_id')
    ? failed('duplicate_external_id')
    : { view };
};

const shown = (context: Context, view: OpenView): Answer => {
  context.onChange();
  return { ok: true, view: shownView(view) };
};

/** The person of the trigger that a call brings. */
const triggered = ({ triggers }: Context, given: Arguments): { readonly person: string } | Answer => {
  const id = textOf(given, 'trigger_id') ?? textOf(given, 'interactivity_pointer');
  if (id === null)
    return failed('invalid_arguments', { response_metadata: { messages: ['[ERROR] missing required field: trigger_id'] } });
  const exchanged = triggers.exchange(id);
  return 'error' in exchanged ? failed(exchanged.error) : exchanged;
};

const open = (context: Context, given: Arguments): Answer => {
  const read = viewOf(context, given, 'modal');
  if ('ok' in read) return read;
  const who = triggered(context, given);
  return 'ok' in who ? who : shown(context, openModal(context.state, context.nowMs, who.person, read.view));
};

const push = (context: Context, given: Arguments): Answer => {
  const read = viewOf(context, given, 'modal');
  if ('ok' in read) return read;
  const who = triggered(context, given);
  if ('ok' in who) return who;
  const pushed = pushModal(context.state, context.nowMs, who.person, read.view);
  return 'error' in pushed ? failed(pushed.error) : shown(context, pushed);
};

/** Somebody changed the view since the app read it. */
const isStale = (view: OpenView, given: Arguments): boolean => {
  const hash = textOf(given, 'hash');
  return hash !== null && hash !== view.hash;
};

const update = (context: Context, given: Arguments): Answer => {
  const view = viewAt(context.state, textOf(given, 'view_id'), textOf(given, 'external_id'));
  if (view?.type !== 'modal') return failed('not_found');
  const read = viewOf(context, given, 'modal');
  if ('ok' in read) return read;
  if (isStale(view, given)) return failed('hash_conflict');
  changeView(view, context.nowMs, read.view);
  return shown(context, view);
};

const publish = (context: Context, given: Arguments): Answer => {
  const person = textOf(given, 'user_id') ?? '';
  const user = context.state.users.get(person);
  // Another organisation's people have no Home of an app that theirs did not install.
  if (!user || user.isBot || person === people.sam) return failed('user_not_found');
  const read = viewOf(context, given, 'home');
  if ('ok' in read) return read;
  const known = context.state.homes.get(person);
  if (known && isStale(known, given)) return failed('hash_conflict');
  return shown(context, publishHome(context.state, context.nowMs, person, read.view));
};

export const viewMethods: Readonly<Record<string, Method>> = {
  'views.open': { scope: null, run: open },
  'views.push': { scope: null, run: push },
  'views.update': { scope: null, run: update },
  'views.publish': { scope: null, required: ['user_id'], run: publish },
};
