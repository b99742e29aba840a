import type { View } from '../../domain/gesture.ts';
import type { Block } from '../../domain/message.ts';
import { durationText, type ProposedMatcher } from '../../domain/silence.ts';
import { middleCut } from '../../domain/words.ts';
import { context, section } from './blocks.ts';
import { clean, type Mrkdwn, mrkdwn, ours } from './mrkdwn.ts';
import { type SilencePreview, silencePreview } from './silence-notes.ts';
import { optionValue, silenceBlocks } from './silence-values.ts';

export { type SilencePreview, silencedNote, silenceEndedNote, silencePreview } from './silence-notes.ts';

/** The form's name, and the one action by which it asks to be drawn again when something in it changes. */
export const silenceCallback = 'silence';
export const silencePreviewAction = 'silence-preview';

/** Limits of docs.slack.dev/reference/block-kit: options of a group of checkboxes, and the text of one. */
const mostOptions = 10;
const longestOption = 75;
const longestComment = 500;

const plain = (text: string) => ({ type: 'plain_text', text, emoji: false });

type Option = { readonly text: object; readonly value: string; readonly description?: object };

/** Name and value on one line; where they do not fit, the value below, cut in its middle: both ends tell services apart. */
const matcherOption = ({ name, value }: ProposedMatcher, index: number): Option => {
  const line = `${clean(name, 400)} = ${clean(value, 400)}`;
  if (line.length <= longestOption) return { text: plain(line), value: optionValue({ name, value }, index) };
  return {
    text: plain(clean(name, longestOption) || '–'),
    description: plain(clean(middleCut(clean(value, 400), longestOption), longestOption) || '–'),
    value: optionValue({ name, value }, index),
  };
};

const matchersBlock = (offered: readonly ProposedMatcher[]): Block => {
  const options = offered.map(matcherOption);
  const chosen = options.filter((_, index) => offered[index]?.isChosen);
  return {
    type: 'input',
    block_id: silenceBlocks.matchers,
    dispatch_action: true,
    label: plain('Alerts that have all of these labels'),
    element: {
      type: 'checkboxes',
      action_id: silencePreviewAction,
      options,
      ...(chosen.length === 0 ? {} : { initial_options: chosen }),
    },
  };
};

const usualSeconds = [1800, 3600, 7200, 14_400] as const;
const firstSeconds = 3600;

/** What is wanted so far stands in it: in the list, else as text beside the list, which goes before it. */
const durationBlocks = (mostSeconds: number, wantedSeconds: number): readonly Block[] => {
  const fitting = usualSeconds.filter((seconds) => seconds <= mostSeconds);
  const offered = fitting.length === 0 ? [mostSeconds] : fitting;
  const options = offered.map((seconds) => ({ text: plain(durationText(seconds)), value: durationText(seconds) }));
  const listed = (offered as readonly number[]).indexOf(wantedSeconds);
  const usual = offered.findLastIndex((seconds) => seconds <= firstSeconds);
  const first = Math.max(0, listed < 0 ? usual : listed);
  const own = listed < 0 && Number.isFinite(wantedSeconds) ? { initial_value: durationText(wantedSeconds) } : {};
  return [
    {
      type: 'input',
      block_id: silenceBlocks.duration,
      dispatch_action: true,
      label: plain('For how long'),
      element: { type: 'static_select', action_id: silencePreviewAction, options, initial_option: options[first] },
    },
    {
      type: 'input',
      block_id: silenceBlocks.ownDuration,
      optional: true,
      dispatch_action: true,
      label: plain('Or exactly'),
      element: {
        type: 'plain_text_input',
        action_id: silencePreviewAction,
        max_length: 20,
        ...own,
        placeholder: plain(`such as 90m or 1h30m, at most ${durationText(mostSeconds)}`),
        dispatch_action_config: { trigger_actions_on: ['on_enter_pressed'] },
      },
    },
  ];
};

const commentBlock = (comment: string): Block => ({
  type: 'input',
  block_id: silenceBlocks.comment,
  label: plain('Why'),
  element: {
    type: 'plain_text_input',
    action_id: 'comment',
    max_length: longestComment,
    ...(comment === '' ? {} : { initial_value: clean(comment, longestComment) }),
    placeholder: plain('for whoever finds this silence later'),
  },
});

/** What a silence is made of; `preview` tells of what is filled in so far, at first of what is chosen to begin with. */
type SilenceFormParts = {
  /** The incident's title. */
  readonly title: string;
  readonly cluster: string;
  readonly offered: readonly ProposedMatcher[];
  readonly mostSeconds: number;
  /** Ours, and comes back unread by anybody else: at most 3,000 characters. */
  readonly context: string;
  readonly preview: SilencePreview;
};

const headOf = ({ title, cluster }: SilenceFormParts): Mrkdwn => mrkdwn`Silence alerts of *${title}* in ${cluster}`;

const leftOut = (count: number): readonly Block[] =>
  count <= 0 ? [] : [context(mrkdwn`${count} more labels that they share are left out here; Alertmanager's own page has them.`)];

/** Alerts that share no label cannot be named together. */
const nothingShared = ours(
  'Its alerts share no label: no one silence can name them all. Silence them in Alertmanager, one by one.',
);

/** The form of a silence: labels chosen beforehand, how long, why, and what that would hide now. */
export const silenceForm = (parts: SilenceFormParts): View => {
  const frame = { type: 'modal', title: 'Silence alerts', close: 'Cancel', callback: silenceCallback } as const;
  const { offered, mostSeconds, preview } = parts;
  const { wanted } = preview;
  if (offered.length === 0) return { ...frame, context: parts.context, blocks: [section(headOf(parts)), section(nothingShared)] };
  return {
    ...frame,
    submit: 'Silence',
    context: parts.context,
    blocks: [
      section(headOf(parts)),
      matchersBlock(offered.slice(0, mostOptions)),
      ...leftOut(offered.length - mostOptions),
      ...durationBlocks(mostSeconds, (wanted.endsAtMs - wanted.startsAtMs) / 1000),
      commentBlock(wanted.comment),
      silencePreview(preview),
    ],
  };
};
