/** Interactive elements (docs.slack.dev/reference/block-kit/block-elements): their limits, and the blocks they may stand in. */
import {
  anyText,
  confirmProblems,
  initialProblems,
  maybeText,
  menuProblems,
  optionsProblems,
  plainOnly,
  textProblems,
} from './composition.ts';
import {
  isObject,
  type Json,
  length,
  lengthProblems,
  listProblems,
  numberProblems,
  oneOfProblems,
  type Problems,
  strangerProblems,
} from './problem.ts';

/** The places in blocks where an element may stand. */
export type Place = 'actions' | 'section' | 'input' | 'context_actions';

type Rule = {
  readonly places: readonly Place[];
  readonly properties: readonly string[];
  readonly check: (pointer: string, element: Json) => Problems;
};

const button = (pointer: string, element: Json): Problems => [
  ...textProblems(`${pointer}/text`, element['text'], plainOnly, 75),
  ...lengthProblems(pointer, element, 'value', 2000, 0),
  ...lengthProblems(pointer, element, 'url', 3000),
  ...lengthProblems(pointer, element, 'accessibility_label', 75),
  ...oneOfProblems(pointer, element, 'style', ['primary', 'danger']),
];

const placeholder = (pointer: string, element: Json): Problems => maybeText(pointer, element, 'placeholder', plainOnly, 150);

const menu = (pointer: string, element: Json): Problems => [
  ...placeholder(pointer, element),
  ...menuProblems(pointer, element),
  ...initialProblems(pointer, element),
  ...numberProblems(pointer, element, 'max_selected_items', 1, 100),
];

const choices = (pointer: string, element: Json): Problems => [
  ...optionsProblems(pointer, element, 'options', { most: 10, kinds: anyText }),
  ...initialProblems(pointer, element),
];

const textInput = (pointer: string, element: Json): Problems => {
  const { min_length: min, max_length: max, dispatch_action_config: config } = element;
  return [
    ...placeholder(pointer, element),
    ...numberProblems(pointer, element, 'min_length', 0, 3000),
    ...numberProblems(pointer, element, 'max_length', 1, 3000),
    ...(typeof min === 'number' && typeof max === 'number' && min > max
      ? [{ pointer: `${pointer}/min_length`, problem: 'must be at most max_length' }]
      : []),
    ...lengthProblems(pointer, element, 'initial_value', typeof max === 'number' ? max : 3000, 0),
    ...oneOfProblems(pointer, element, 'multiline', [true, false]),
    ...(isObject(config)
      ? listProblems(`${pointer}/dispatch_action_config/trigger_actions_on`, config['trigger_actions_on'], 1, 2)
      : []),
  ];
};

const formed =
  (name: string, form: RegExp, words: string) =>
  (pointer: string, element: Json): Problems => [
    ...placeholder(pointer, element),
    ...(element[name] === undefined || form.test(String(element[name]))
      ? []
      : [{ pointer: `${pointer}/${name}`, problem: `must be ${words}` }]),
  ];

const feedback = (pointer: string, element: Json): Problems =>
  ['positive_button', 'negative_button'].flatMap((name) => {
    const part = element[name];
    const at = `${pointer}/${name}`;
    if (!isObject(part)) return [{ pointer: at, problem: 'is required' }];
    return [
      ...textProblems(`${at}/text`, part['text'], plainOnly, 75),
      ...(length(part['value']) < 1
        ? [{ pointer: `${at}/value`, problem: 'is required' }]
        : lengthProblems(at, part, 'value', 2000)),
      ...lengthProblems(at, part, 'accessibility_label', 75),
      ...strangerProblems(at, part, ['text', 'value', 'accessibility_label']),
    ];
  });

const iconButton = (pointer: string, element: Json): Problems => [
  ...(element['icon'] === 'trash' ? [] : [{ pointer: `${pointer}/icon`, problem: 'must be one of trash' }]),
  ...textProblems(`${pointer}/text`, element['text'], plainOnly, 75),
  ...lengthProblems(pointer, element, 'value', 2000, 0),
  ...lengthProblems(pointer, element, 'accessibility_label', 75),
  ...(element['visible_to_user_ids'] === undefined
    ? []
    : listProblems(`${pointer}/visible_to_user_ids`, element['visible_to_user_ids'], 1, 10)),
];

const anywhere: readonly Place[] = ['actions', 'section', 'input'];
const menus = ['placeholder', 'options', 'option_groups', 'confirm', 'focus_on_load'];

/** The elements that Edgewise may use; Slack has more. */
const rules: Readonly<Record<string, Rule>> = {
  button: {
    places: ['actions', 'section'],
    properties: ['text', 'value', 'url', 'style', 'accessibility_label', 'confirm'],
    check: button,
  },
  overflow: {
    places: ['actions', 'section'],
    properties: ['options', 'confirm'],
    check: (pointer, element) => optionsProblems(pointer, element, 'options', { most: 5, kinds: plainOnly, hasUrl: true }),
  },
  static_select: { places: anywhere, properties: [...menus, 'initial_option'], check: menu },
  multi_static_select: {
    places: ['section', 'input'],
    properties: [...menus, 'initial_options', 'max_selected_items'],
    check: menu,
  },
  checkboxes: { places: anywhere, properties: ['options', 'initial_options', 'confirm', 'focus_on_load'], check: choices },
  radio_buttons: { places: anywhere, properties: ['options', 'initial_option', 'confirm', 'focus_on_load'], check: choices },
  datepicker: {
    places: anywhere,
    properties: ['placeholder', 'initial_date', 'confirm', 'focus_on_load'],
    check: formed('initial_date', /^\d{4}-\d\d-\d\d$/, 'a date as YYYY-MM-DD'),
  },
  timepicker: {
    places: anywhere,
    properties: ['placeholder', 'initial_time', 'timezone', 'confirm', 'focus_on_load'],
    check: formed('initial_time', /^([01]\d|2[0-3]):[0-5]\d$/, 'a time as HH:mm'),
  },
  plain_text_input: {
    places: ['input'],
    properties: [
      'placeholder',
      'initial_value',
      'multiline',
      'min_length',
      'max_length',
      'max_lines',
      'dispatch_action_config',
      'focus_on_load',
    ],
    check: textInput,
  },
  feedback_buttons: { places: ['context_actions'], properties: ['positive_button', 'negative_button'], check: feedback },
  icon_button: {
    places: ['context_actions'],
    properties: ['icon', 'text', 'value', 'accessibility_label', 'visible_to_user_ids', 'confirm'],
    check: iconButton,
  },
};

/** An interactive element where it stands. */
export const elementProblems = (pointer: string, element: unknown, place: Place): Problems => {
  if (!isObject(element)) return [{ pointer, problem: 'must be an element' }];
  const type = String(element['type']);
  const rule = Object.hasOwn(rules, type) ? rules[type] : undefined;
  if (!rule?.places.includes(place)) return [{ pointer: `${pointer}/type`, problem: `unsupported type: ${type.slice(0, 40)}` }];
  return [
    ...lengthProblems(pointer, element, 'action_id', 255),
    ...confirmProblems(pointer, element),
    ...strangerProblems(pointer, element, ['action_id', ...rule.properties]),
    ...rule.check(pointer, element),
  ];
};

/** An `action_id` may stand once in a block. */
export const actionIdProblems = (pointer: string, elements: unknown): Problems => {
  const ids = (Array.isArray(elements) ? elements : []).flatMap((element) =>
    isObject(element) && typeof element['action_id'] === 'string' ? [element['action_id']] : [],
  );
  return ids.length === new Set(ids).size ? [] : [{ pointer, problem: 'action_id must be unique' }];
};
