/** Composition objects (docs.slack.dev/reference/block-kit/composition-objects): texts, options, confirmations. */
import {
  each,
  isObject,
  type Json,
  length,
  lengthProblems,
  listProblems,
  oneOfProblems,
  type Problems,
  strangerProblems,
} from './problem.ts';

type TextKind = 'plain_text' | 'mrkdwn';
export const plainOnly: readonly TextKind[] = ['plain_text'];
export const anyText: readonly TextKind[] = ['mrkdwn', 'plain_text'];

export const textProblems = (pointer: string, value: unknown, kinds: readonly TextKind[], max: number): Problems => {
  if (!isObject(value)) return [{ pointer, problem: 'must be a text object' }];
  if (!(kinds as readonly unknown[]).includes(value['type']))
    return [{ pointer: `${pointer}/type`, problem: `must be one of ${kinds.join(', ')}` }];
  const size = length(value['text']);
  if (size < 1) return [{ pointer: `${pointer}/text`, problem: 'must be at least 1 character' }];
  if (size > max) return [{ pointer: `${pointer}/text`, problem: `must be at most ${max} characters` }];
  if (value['type'] === 'mrkdwn' && 'emoji' in value) return [{ pointer: `${pointer}/emoji`, problem: 'is for plain_text only' }];
  if (value['type'] === 'plain_text' && 'verbatim' in value)
    return [{ pointer: `${pointer}/verbatim`, problem: 'is for mrkdwn only' }];
  return strangerProblems(pointer, value, ['text', 'emoji', 'verbatim']);
};

/** Of a text that may be absent. */
export const maybeText = (parent: string, from: Json, name: string, kinds: readonly TextKind[], max: number): Problems =>
  from[name] === undefined ? [] : textProblems(`${parent}/${name}`, from[name], kinds, max);

const optionProblems = (pointer: string, option: unknown, kinds: readonly TextKind[], hasUrl: boolean): Problems => {
  if (!isObject(option)) return [{ pointer, problem: 'must be an option' }];
  return [
    ...textProblems(`${pointer}/text`, option['text'], kinds, 75),
    ...(length(option['value']) < 1 ? [{ pointer: `${pointer}/value`, problem: 'must be at least 1 character' }] : []),
    ...lengthProblems(pointer, option, 'value', 75, 0),
    ...maybeText(pointer, option, 'description', kinds, 75),
    ...(hasUrl ? lengthProblems(pointer, option, 'url', 3000) : []),
    ...strangerProblems(pointer, option, ['text', 'value', 'description', ...(hasUrl ? ['url'] : [])]),
  ];
};

const valuesOf = (options: unknown): readonly unknown[] =>
  Array.isArray(options) ? options.map((option) => (isObject(option) ? option['value'] : undefined)) : [];

type OptionRules = { readonly most: number; readonly kinds: readonly TextKind[]; readonly hasUrl?: true };

/** A list of options under the name that it has in its element. */
export const optionsProblems = (parent: string, from: Json, name: string, { most, kinds, hasUrl }: OptionRules): Problems => {
  const pointer = `${parent}/${name}`;
  const values = valuesOf(from[name]);
  return [
    ...listProblems(pointer, from[name], 1, most),
    ...each(pointer, from[name], (at, option) => optionProblems(at, option, kinds, hasUrl === true)),
    ...(values.length === new Set(values).size ? [] : [{ pointer, problem: 'values must be unique' }]),
  ];
};

/** `options` or `option_groups` of a select menu: one of the two. */
export const menuProblems = (pointer: string, element: Json): Problems => {
  const { options, option_groups: groups } = element;
  if ((options === undefined) === (groups === undefined)) return [{ pointer, problem: 'needs either options or option_groups' }];
  const rules = { most: 100, kinds: plainOnly } as const;
  if (groups === undefined) return optionsProblems(pointer, element, 'options', rules);
  return [
    ...listProblems(`${pointer}/option_groups`, groups, 1, 100),
    ...each(`${pointer}/option_groups`, groups, (at, group) =>
      isObject(group)
        ? [...textProblems(`${at}/label`, group['label'], plainOnly, 75), ...optionsProblems(at, group, 'options', rules)]
        : [{ pointer: at, problem: 'must be an option group' }],
    ),
  ];
};

/** Every option of an element, whether it stands in a group or not. */
export const optionsOf = (element: Json): readonly Json[] => {
  const groups = Array.isArray(element['option_groups']) ? element['option_groups'] : [element];
  return groups.flatMap((group: Json) => (Array.isArray(group['options']) ? (group['options'] as readonly Json[]) : []));
};

/** What is chosen at first has to be among the options, word for word. */
export const initialProblems = (pointer: string, element: Json): Problems => {
  const known = new Set(optionsOf(element).map((option) => JSON.stringify(option)));
  const chosen: readonly unknown[] = [
    ...(element['initial_option'] === undefined ? [] : [element['initial_option']]),
    ...(Array.isArray(element['initial_options']) ? element['initial_options'] : []),
  ];
  return chosen.every((option) => known.has(JSON.stringify(option)))
    ? []
    : [{ pointer, problem: 'initial options must be among the options' }];
};

/** The question before something is done. */
export const confirmProblems = (parent: string, element: Json): Problems => {
  const confirm = element['confirm'];
  const pointer = `${parent}/confirm`;
  if (confirm === undefined) return [];
  if (!isObject(confirm)) return [{ pointer, problem: 'must be a confirmation' }];
  return [
    ...textProblems(`${pointer}/title`, confirm['title'], plainOnly, 100),
    ...textProblems(`${pointer}/text`, confirm['text'], anyText, 300),
    ...textProblems(`${pointer}/confirm`, confirm['confirm'], plainOnly, 30),
    ...textProblems(`${pointer}/deny`, confirm['deny'], plainOnly, 30),
    ...oneOfProblems(pointer, confirm, 'style', ['primary', 'danger']),
    ...strangerProblems(pointer, confirm, ['title', 'text', 'confirm', 'deny', 'style']),
  ];
};
