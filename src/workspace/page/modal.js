// Modals, the one on top only: a sheet on a phone (docs.slack.dev/surfaces/modals).
import { contentOfView } from './blocks.js';
import { element, pressable } from './dom.js';
import { enteredIn } from './entered.js';
import { act } from './gestures.js';
import { textObject } from './mrkdwn.js';

const dialog = document.getElementById('modal');
const opened = new Set();
let drawn = '';
let problems = {};
let view = null;

const submit = async () => {
  const sent = view;
  dialog.classList.add('busy');
  const outcome = await act({ kind: 'submit', values: enteredIn(sent.id) });
  dialog.classList.remove('busy');
  problems = outcome.error === 'form' ? outcome.problems : {};
  if (view?.id === sent.id) draw(view);
  dialog.querySelector('.problem')?.scrollIntoView({ block: 'center' });
};

const iconButton = (label, text, onPress) => {
  const made = pressable('icon', onPress, text);
  made.setAttribute('aria-label', label);
  return made;
};

/** Draws the modal anew and leaves the reader in the field where they were. */
function draw(next) {
  const active = document.activeElement;
  const field = active?.dataset?.field;
  const [start, end] = [active?.selectionStart, active?.selectionEnd];
  const close = (isAll) => () => act({ kind: 'close', isAll });
  const title = element('h2', '', ...textObject(next.title));
  const form = element('form', 'sheet-form');
  const closing = pressable('action', close(false), ...(next.close ? textObject(next.close) : [next.submit ? 'Cancel' : 'Close']));
  const send = element('button', 'action primary', ...textObject(next.submit));
  send.type = 'submit';
  const back = next.previous_view_id ? [iconButton('Back', '‹', close(false))] : [];
  form.append(
    element('header', '', ...back, title, iconButton('Close', '✕', close(true))),
    element('div', 'sheet-body', ...contentOfView(next, 'modal', opened, problems)),
    element('footer', '', closing, ...(next.submit ? [send] : [])),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    submit();
  };
  const scrolled = dialog.querySelector('.sheet-body')?.scrollTop ?? 0;
  // What is said at the foot of the page may stand in the dialog, and stays.
  dialog.querySelector('form')?.remove();
  dialog.prepend(form);
  dialog.querySelector('.sheet-body').scrollTop = scrolled;
  if (field === undefined) return;
  const again = [...dialog.querySelectorAll('[data-field]')].find((node) => node.dataset.field === field);
  again?.focus();
  if (typeof start === 'number') again?.setSelectionRange?.(start, end);
}

dialog.oncancel = (event) => {
  event.preventDefault();
  act({ kind: 'close' });
};

/** Shows the modal on top; it is drawn anew only when the app changed it, so that nobody loses what they type. */
export const showModals = (modals) => {
  const top = modals.at(-1) ?? null;
  if (top === null) {
    if (dialog.open) dialog.close();
    [view, drawn, problems] = [null, '', {}];
    return;
  }
  const wanted = `${top.id} ${top.hash}`;
  if (wanted === drawn) return;
  problems = {};
  [view, drawn] = [top, wanted];
  draw(top);
  if (!dialog.open) dialog.showModal();
};
