// The question before something is done (docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object).
import { element, pressable } from './dom.js';
import { textObject } from './mrkdwn.js';

/** Resolves with whether the reader wants it; at once where nothing is to be asked. */
export const confirmed = (question) => {
  if (!question) return Promise.resolve(true);
  return new Promise((resolve) => {
    const dialog = element('dialog', 'sheet ask');
    const end = (answer) => () => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const style = question.style === 'danger' ? 'danger-filled' : 'primary';
    dialog.append(
      element('header', '', element('h2', '', ...textObject(question.title))),
      element('div', 'sheet-body text', ...textObject(question.text)),
      element('footer', '', pressable('action', end(false), ...textObject(question.deny)), pressable(`action ${style}`, end(true), ...textObject(question.confirm))),
    );
    dialog.oncancel = end(false);
    document.body.append(dialog);
    dialog.showModal();
  });
};
