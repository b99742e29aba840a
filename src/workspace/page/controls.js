// Interactive elements (docs.slack.dev/reference/block-kit/block-elements): one function a kind. Each tells the app what Slack would.
import { confirmed } from './confirm.js';
import { element, goHome, isHome, linkTo, pressable, safeAddress } from './dom.js';
import { enter, entered, enteredIn } from './entered.js';
import { act } from './gestures.js';
import { textObject, wordsOf } from './mrkdwn.js';

/** Tells the app, after the question if there is one. `spot` is where the element stands: its place, block and kind of block. */
const tell = async (spot, part, chosen, node) => {
  if (!(await confirmed(part.confirm))) return;
  node?.classList.add('busy');
  await act({ kind: 'click', in: spot.place, action: part.action_id, block: spot.block, chosen, values: enteredIn(spot.key) });
  node?.classList.remove('busy');
};

/** Keeps what was chosen. A field of a form tells of it only where it shall; elsewhere every choice is told. */
const choose = (spot, part, value, node) => {
  enter(spot.key, spot.block, part.action_id, value);
  if (!spot.isField || spot.isTold) tell(spot, part, value, node);
  // A message is drawn anew when nobody is in it.
  if (!spot.isField) node.blur();
};

const now = (spot, part) => entered(spot.key, spot.block, part.action_id);
const groupsOf = (part) => part.option_groups ?? [{ options: part.options ?? [] }];
const optionsOf = (part) => groupsOf(part).flatMap(({ options }) => options);
const initialOf = (part) => part.initial_options?.map(({ value }) => value) ?? (part.initial_option ? [part.initial_option.value] : []);

const labelOf = (part) => textObject(part.text ?? part.placeholder ?? { text: part.type });
const styleOf = (part) => (['primary', 'danger'].includes(part.style) ? ` ${part.style}` : '');

const named = (node, part) => {
  if (part.accessibility_label) node.setAttribute('aria-label', part.accessibility_label);
  return node;
};

const button = (part, spot) => {
  if (part.url !== undefined && (isHome(part.url) || safeAddress(part.url) !== null)) {
    const link = linkTo(part.url, `action${styleOf(part)}`, ...labelOf(part));
    link.onclick = () => {
      if (isHome(part.url)) goHome();
      void tell(spot, { ...part, confirm: undefined }, undefined, link);
    };
    return named(link, part);
  }
  const made = pressable(`action${styleOf(part)}`, () => tell(spot, part, undefined, made), ...labelOf(part));
  return named(made, part);
};

const optionNode = (option, chosen) => {
  const made = element('option', '', wordsOf(option.text));
  made.value = option.value;
  made.selected = chosen.includes(option.value);
  return made;
};

/** A native menu: on a phone it is the one that fingers know. `first` stands for nothing chosen. */
const menu = (part, first, chosen) => {
  const none = element('option', '', first);
  none.value = '';
  none.selected = chosen.length === 0;
  const made = element('select', 'action', none);
  for (const { label, options } of groupsOf(part)) {
    const nodes = options.map((option) => optionNode(option, chosen));
    if (label === undefined) made.append(...nodes);
    else {
      const group = element('optgroup', '', ...nodes);
      group.label = wordsOf(label);
      made.append(group);
    }
  }
  return made;
};

const select = (part, spot) => {
  const chosen = now(spot, part) ?? initialOf(part)[0];
  const made = menu(part, wordsOf(part.placeholder) || 'Choose an option', chosen === undefined || chosen === null ? [] : [chosen]);
  made.onchange = () => choose(spot, part, made.value === '' ? null : made.value, made);
  return made;
};

const overflow = (part, spot) => {
  const made = menu(part, '⋯', []);
  made.classList.add('overflow');
  made.setAttribute('aria-label', 'More actions');
  made.onchange = () => {
    const address = safeAddress(optionsOf(part).find(({ value }) => value === made.value)?.url);
    if (address !== null) window.open(address, '_blank', 'noreferrer,noopener');
    tell(spot, part, made.value, made);
    made.value = '';
    made.blur();
  };
  return made;
};

let lists = 0;
/** Boxes or radio buttons in a list, each with its label and description. */
const list = (type) => (part, spot) => {
  lists += 1;
  const name = `list-${lists}`;
  const chosen = now(spot, part) ?? initialOf(part);
  const made = element('div', `choices${part.type === 'multi_static_select' ? ' many' : ''}`);
  const inputs = optionsOf(part).map((option) => {
    const input = element('input', '');
    Object.assign(input, { type, name, value: option.value, checked: [chosen].flat().includes(option.value) });
    input.onchange = () => {
      const checked = inputs.filter((one) => one.checked).map((one) => one.value);
      choose(spot, part, type === 'radio' ? (checked[0] ?? null) : checked, input);
    };
    const description = option.description ? [element('span', 'note', ...textObject(option.description))] : [];
    made.append(element('label', '', input, element('span', '', ...textObject(option.text), ...description)));
    return input;
  });
  return made;
};

const moment = (type, initial) => (part, spot) => {
  const made = element('input', 'field');
  Object.assign(made, { type, value: now(spot, part) ?? part[initial] ?? '' });
  made.onchange = () => choose(spot, part, made.value === '' ? null : made.value, made);
  return made;
};

const textField = (part, spot) => {
  const made = element(part.multiline ? 'textarea' : 'input', 'field');
  if (part.multiline) made.rows = 4;
  Object.assign(made, { value: now(spot, part) ?? part.initial_value ?? '', placeholder: wordsOf(part.placeholder), autocomplete: 'off' });
  if (part.max_length) made.maxLength = part.max_length;
  const on = part.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed'];
  made.oninput = () => {
    enter(spot.key, spot.block, part.action_id, made.value);
    if (spot.isTold && on.includes('on_character_entered')) tell(spot, part, made.value);
  };
  made.onkeydown = (event) => {
    if (event.key !== 'Enter' || part.multiline || !spot.isTold || !on.includes('on_enter_pressed')) return;
    event.preventDefault();
    tell(spot, part, made.value, made);
  };
  return made;
};

const feedback = (part, spot) =>
  element('span', 'thumbs', ...[part.positive_button, part.negative_button].map((one) => {
    const made = pressable('action', () => tell(spot, part, one.value, made), ...textObject(one.text));
    return named(made, one);
  }));

const icon = (part, spot) => {
  const made = pressable('action', () => tell(spot, part, undefined, made), '🗑');
  made.setAttribute('aria-label', part.accessibility_label ?? wordsOf(part.text));
  made.title = wordsOf(part.text);
  return made;
};

const makers = {
  button,
  static_select: select,
  overflow,
  multi_static_select: list('checkbox'),
  checkboxes: list('checkbox'),
  radio_buttons: list('radio'),
  datepicker: moment('date', 'initial_date'),
  timepicker: moment('time', 'initial_time'),
  plain_text_input: textField,
  feedback_buttons: feedback,
  icon_button: icon,
};

/** An element that we do not know is shown, and does nothing. */
export const control = (part, spot) => {
  if (Object.hasOwn(makers, part.type) && part.action_id !== undefined) {
    const made = makers[part.type](part, spot);
    made.dataset.field = `${spot.block}/${part.action_id}`;
    if (part.focus_on_load) made.autofocus = true;
    return made;
  }
  const made = element('button', 'action', ...labelOf(part));
  made.type = 'button';
  made.disabled = true;
  return made;
};
