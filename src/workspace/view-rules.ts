/** What a view may be (docs.slack.dev/reference/views/modal-views, docs.slack.dev/reference/views/home-tab-views). */
import { blockProblems } from './block-rules.ts';
import { plainOnly, textProblems } from './rules/composition.ts';
import {
  type Files,
  isObject,
  type Json,
  lengthProblems,
  oneOfProblems,
  type Problem,
  type Problems,
  strangerProblems,
} from './rules/problem.ts';

/** `view_too_large` (docs.slack.dev/reference/methods/views.push, "Errors"). */
const mostBytes = 250_000;

const common = ['blocks', 'private_metadata', 'callback_id', 'external_id'];
const modalOnly = ['title', 'submit', 'close', 'clear_on_close', 'notify_on_close', 'submit_disabled'];

const modalProblems = (view: Json): Problems => {
  const blocks: readonly unknown[] = Array.isArray(view['blocks']) ? view['blocks'] : [];
  const asks = blocks.some((block) => isObject(block) && block['type'] === 'input');
  return [
    ...textProblems('/title', view['title'], plainOnly, 24),
    ...['submit', 'close'].flatMap((name) =>
      view[name] === undefined ? [] : textProblems(`/${name}`, view[name], plainOnly, 24),
    ),
    ...(asks && view['submit'] === undefined
      ? [{ pointer: '/submit', problem: 'is required where there are input blocks' }]
      : []),
    ...['clear_on_close', 'notify_on_close', 'submit_disabled'].flatMap((name) => oneOfProblems('', view, name, [true, false])),
  ];
};

const rulesOf = (view: Json, type: 'modal' | 'home', files: Files): Problems => [
  ...(Array.isArray(view['blocks']) && view['blocks'].length === 0
    ? [{ pointer: '/blocks', problem: 'must have at least 1 block' }]
    : []),
  ...(type === 'modal' ? modalProblems(view) : []),
  ...lengthProblems('', view, 'private_metadata', 3000, 0),
  ...lengthProblems('', view, 'callback_id', 255, 0),
  ...lengthProblems('', view, 'external_id', 255, 0),
  ...strangerProblems('/', view, [...common, ...(type === 'modal' ? modalOnly : [])]),
  ...blockProblems(view['blocks'], files, type),
];

/** Everything that is wrong with a view; `isTooLarge` is an error of its own. */
export const viewProblems = (
  view: unknown,
  type: 'modal' | 'home',
  files: Files,
): { readonly problems: readonly Problem[]; readonly isTooLarge: boolean } => {
  const isTooLarge = Buffer.byteLength(JSON.stringify(view ?? '')) > mostBytes;
  if (!isObject(view)) return { problems: [{ pointer: '/view', problem: 'must be a view' }], isTooLarge };
  const found = view['type'] === type ? rulesOf(view, type, files) : [{ pointer: '/type', problem: `must be one of ${type}` }];
  return {
    problems: found.map(({ pointer, problem }) => ({ pointer: `/view${pointer === '/' ? '' : pointer}`, problem })),
    isTooLarge,
  };
};
