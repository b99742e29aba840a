/** Modals that lie on each other, and the Home (docs.slack.dev/surfaces/modals, docs.slack.dev/surfaces/app-home). */
import { randomUUID } from 'node:crypto';
import { withIds } from './interactive.ts';
import { appId, botId, ours } from './people.ts';
import { type Block, nextId, type OpenView, type State } from './state.ts';
import { type Entered, stateOf } from './values.ts';

type Json = Readonly<Record<string, unknown>>;

/** At most three modals lie on each other (`push_limit_reached`). */
const mostModals = 3;

const hashOf = (nowMs: number): string => `${Math.floor(nowMs / 1000)}.${randomUUID().slice(0, 8)}`;
const blocksOf = (given: Json): readonly Block[] =>
  withIds((given['blocks'] ?? []) as readonly Block[], randomUUID().slice(0, 5));

const made = (
  state: State,
  nowMs: number,
  { person, given, below }: { readonly person: string; readonly given: Json; readonly below: OpenView | undefined },
): OpenView => {
  const id = nextId(state, 'V');
  const type = given['type'] === 'home' ? 'home' : 'modal';
  return {
    id,
    person,
    type,
    given,
    blocks: blocksOf(given),
    hash: hashOf(nowMs),
    rootId: below?.rootId ?? id,
    previousId: below?.id ?? null,
  };
};

export const modalsOf = (state: State, person: string): readonly OpenView[] => state.modals.get(person) ?? [];

/** A modal in place of whatever modals the person had open. */
export const openModal = (state: State, nowMs: number, person: string, given: Json): OpenView => {
  const view = made(state, nowMs, { person, given, below: undefined });
  state.modals.set(person, [view]);
  return view;
};

/** A modal on top of the one that is open; what Slack says where it cannot be. */
export const pushModal = (
  state: State,
  nowMs: number,
  person: string,
  given: Json,
): OpenView | { readonly error: 'push_limit_reached' | 'not_found' } => {
  const stack = modalsOf(state, person);
  const below = stack.at(-1);
  if (!below) return { error: 'not_found' };
  if (stack.length >= mostModals) return { error: 'push_limit_reached' };
  const view = made(state, nowMs, { person, given, below });
  state.modals.set(person, [...stack, view]);
  return view;
};

export const changeView = (view: OpenView, nowMs: number, given: Json): void => {
  Object.assign(view, { given, blocks: blocksOf(given), hash: hashOf(nowMs) });
};

/** Puts a Home before a person, in place of the one before. */
export const publishHome = (state: State, nowMs: number, person: string, given: Json): OpenView => {
  const known = state.homes.get(person);
  if (known) changeView(known, nowMs, given);
  const view = known ?? made(state, nowMs, { person, given, below: undefined });
  state.homes.set(person, view);
  return view;
};

/** Takes modals away: the one on top, or all. Gives those that are gone, the one on top first. */
export const closeModals = (state: State, person: string, isAll: boolean): readonly OpenView[] => {
  const stack = modalsOf(state, person);
  state.modals.set(person, isAll ? [] : stack.slice(0, -1));
  return isAll ? stack.toReversed() : stack.slice(-1);
};

/** By its own id or that of the app. */
export const viewAt = (state: State, id: string | null, externalId: string | null): OpenView | undefined =>
  [...[...state.modals.values()].flat(), ...state.homes.values()].find(
    (view) => (id !== null && view.id === id) || (externalId !== null && view.given['external_id'] === externalId),
  );

/** A view as Slack gives it (docs.slack.dev/reference/views). */
export const shownView = (view: OpenView, entered: Entered = {}): Json => {
  const { given, blocks, hash, id, rootId, previousId, type } = view;
  return {
    id,
    team_id: ours.id,
    type,
    blocks,
    private_metadata: given['private_metadata'] ?? '',
    callback_id: given['callback_id'] ?? '',
    state: stateOf(blocks, entered),
    hash,
    title: given['title'] ?? { type: 'plain_text', text: 'View Title', emoji: true },
    clear_on_close: given['clear_on_close'] ?? false,
    notify_on_close: given['notify_on_close'] ?? false,
    close: given['close'] ?? null,
    submit: given['submit'] ?? null,
    previous_view_id: previousId,
    root_view_id: rootId,
    app_id: appId,
    external_id: given['external_id'] ?? '',
    app_installed_team_id: ours.id,
    bot_id: botId,
  };
};
