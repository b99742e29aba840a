/** What people type and choose, as Slack tells of it (docs.slack.dev/reference/interaction-payloads/view-interactions-payload). */
import { standing } from './interactive.ts';
import { optionsOf } from './rules/composition.ts';
import type { Block } from './state.ts';

type Json = Readonly<Record<string, unknown>>;

/** By block and action: a text, the values of options, a date or a time. What is not there is as it was at first. */
export type Entered = Readonly<Record<string, Readonly<Record<string, string | readonly string[] | null>>>>;
/** What was typed or chosen in one element. */
export type Chosen = Entered[string][string];

const single = (options: readonly Json[], chosen: Chosen): Json | null =>
  options.find((option) => option['value'] === (Array.isArray(chosen) ? chosen[0] : chosen)) ?? null;
const several = (options: readonly Json[], chosen: Chosen): readonly Json[] => {
  const values: readonly unknown[] = Array.isArray(chosen) ? chosen : [chosen];
  return options.filter((option) => values.includes(option['value']));
};
const textOrNull = (chosen: Chosen): string | null => (typeof chosen === 'string' && chosen !== '' ? chosen : null);

type Field = {
  /** The name in the state. */
  readonly name: string;
  readonly initial: string;
  readonly read: (element: Json, chosen: Chosen) => unknown;
};

const oneOption: Field = {
  name: 'selected_option',
  initial: 'initial_option',
  read: (element, chosen) => single(optionsOf(element), chosen),
};
const options: Field = {
  name: 'selected_options',
  initial: 'initial_options',
  read: (element, chosen) => several(optionsOf(element), chosen),
};

/** Elements that hold a value; buttons and overflow menus hold none. */
const fields: Readonly<Record<string, Field>> = {
  plain_text_input: { name: 'value', initial: 'initial_value', read: (_, chosen) => textOrNull(chosen) },
  static_select: oneOption,
  radio_buttons: oneOption,
  multi_static_select: options,
  checkboxes: options,
  datepicker: { name: 'selected_date', initial: 'initial_date', read: (_, chosen) => textOrNull(chosen) },
  timepicker: { name: 'selected_time', initial: 'initial_time', read: (_, chosen) => textOrNull(chosen) },
};

const fieldOf = (element: Json): Field | undefined => {
  const type = String(element['type']);
  return Object.hasOwn(fields, type) ? fields[type] : undefined;
};

const nothing = (field: Field): unknown => (field.name === 'selected_options' ? [] : null);

const fieldValue = (element: Json, field: Field, chosen: Chosen | undefined): Json => ({
  type: element['type'],
  [field.name]: chosen === undefined ? (element[field.initial] ?? nothing(field)) : field.read(element, chosen),
});

/** `state.values` of blocks that have their ids. */
export const stateOf = (blocks: readonly Block[], entered: Entered): { readonly values: Json } => {
  const values: Record<string, Record<string, Json>> = {};
  for (const { blockId, element } of standing(blocks)) {
    const field = fieldOf(element);
    const action = String(element['action_id']);
    if (!field) continue;
    values[blockId] = { ...values[blockId], [action]: fieldValue(element, field, entered[blockId]?.[action]) };
  }
  return { values };
};

/** What the action of one element tells: the button's value, the option that was chosen, the text that was typed. */
export const actionOf = (element: Json, chosen: Chosen | undefined): Json => {
  const field = fieldOf(element);
  if (field) return fieldValue(element, field, chosen);
  if (element['type'] === 'overflow') return { type: 'overflow', selected_option: single(optionsOf(element), chosen ?? null) };
  if (element['type'] === 'feedback_buttons') {
    const both = [element['positive_button'], element['negative_button']] as readonly Json[];
    const pressed = both.find((part) => part['value'] === chosen) ?? both[0];
    return { type: 'feedback_buttons', text: pressed?.['text'], value: pressed?.['value'] };
  }
  const { type, text, value, style, url, icon } = element;
  return JSON.parse(JSON.stringify({ type, text, value, style, url, icon })) as Json;
};

/** Whether the value that is told is one that the element offers. */
export const isOffered = (element: Json, chosen: Chosen | undefined): boolean => {
  const known =
    element['type'] === 'feedback_buttons'
      ? ['positive_button', 'negative_button'].map((name) => element[name] as Json)
      : optionsOf(element);
  const values: readonly unknown[] = Array.isArray(chosen) ? chosen : [chosen];
  if (chosen === undefined || chosen === null || (known.length === 0 && element['type'] !== 'feedback_buttons')) return true;
  return values.every((value) => known.some((option) => option['value'] === value));
};

const problemOf = (element: Json, value: unknown, isOptional: boolean): string | null => {
  const isEmpty = value === null || (Array.isArray(value) && value.length === 0);
  if (isEmpty) return isOptional ? null : 'Please complete this required field.';
  const { max_selected_items: mostItems } = element;
  if (Array.isArray(value) && typeof mostItems === 'number' && value.length > mostItems) return `Choose at most ${mostItems}.`;
  if (typeof value !== 'string') return null;
  const { min_length: min, max_length: max } = element;
  if (typeof min === 'number' && value.length < min) return `This field needs at least ${min} characters.`;
  return value.length > Number(max ?? 3000) ? `This field takes at most ${Number(max ?? 3000)} characters.` : null;
};

/** What Slack itself has against a form, by block id, before the app hears of it. */
export const formProblems = (blocks: readonly Block[], entered: Entered): Readonly<Record<string, string>> =>
  Object.fromEntries(
    standing(blocks.filter(({ type }) => type === 'input')).flatMap(({ blockId, element }) => {
      const field = fieldOf(element);
      if (!field) return [];
      const value = fieldValue(element, field, entered[blockId]?.[String(element['action_id'])])[field.name];
      const isOptional = blocks.find((block) => block['block_id'] === blockId)?.['optional'] === true;
      const problem = problemOf(element, value, isOptional);
      return problem === null ? [] : [[blockId, problem]];
    }),
  );
