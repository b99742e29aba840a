// What the reader does here goes to the workspace as a gesture of the person that the page is open for.
import { element } from './dom.js';

const asked = new URLSearchParams(location.search).get('as');
let you = asked;

/** The workspace says who the page is open for. */
export const setYou = (person) => {
  you = person;
};
export const eventsAddress = `/events${asked === null ? '' : `?as=${encodeURIComponent(asked)}`}`;

const place = document.getElementById('toast');
let timer = 0;
/** Says at the foot of the page what did not work, as Slack does. */
const toast = (text) => {
  // In a modal the toast has to stand in the dialog itself: everything under it is inert.
  (document.querySelector('dialog[open]') ?? document.body).append(place);
  place.replaceChildren(element('span', '', text));
  clearTimeout(timer);
  timer = setTimeout(() => place.replaceChildren(), 6000);
};

const troubles = {
  operation_timeout: 'The app did not answer within 3 seconds (operation_timeout).',
  dispatch_failed: 'The app could not be reached (dispatch_failed).',
};

const post = async (path, body) => (await fetch(path, { method: 'POST', body: JSON.stringify({ person: you, ...body }) })).json();

export const say = (text, channel, thread) => post('/say', { text, channel, thread });

/** Does it, and gives what came of it; what went wrong is said here. */
export const act = async (gesture) => {
  const outcome = await post('/do', gesture).catch(() => ({ ok: false, error: 'dispatch_failed' }));
  if (outcome.error === 'trouble') toast(`We had some trouble connecting. Try again? (${outcome.why})`);
  else if (!outcome.ok && outcome.error !== 'form') toast(troubles[outcome.error] ?? outcome.why ?? String(outcome.error));
  return outcome;
};
