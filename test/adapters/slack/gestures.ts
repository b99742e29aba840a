/** What Slack sends, as its documentation shows it (docs.slack.dev/reference/interaction-payloads), with one person of our team. */
import { ourTeam } from './stage.ts';

let count = 0;
const trigger = (): string => {
  count += 1;
  return `canary-trigger.${count}`;
};

const user = { id: 'U1', username: 'ann', name: 'ann', team_id: ourTeam };
const team = { id: ourTeam, domain: 'ours' };

export const command = (text: string, responseUrl: string, changes: object = {}) => ({
  token: 'canary-token',
  team_id: ourTeam,
  channel_id: 'C1',
  channel_name: 'mesh-alerts',
  user_id: 'U1',
  user_name: 'ann',
  command: '/mesh',
  text,
  api_app_id: 'A1',
  response_url: responseUrl,
  trigger_id: trigger(),
  ...changes,
});

/** A click in a message of the channel; `action` is the element as Slack gives it back. */
export const click = (action: object, responseUrl: string, changes: object = {}) => ({
  type: 'block_actions',
  user,
  team,
  token: 'canary-token',
  container: { type: 'message', message_ts: '10.1', channel_id: 'C1', is_ephemeral: false },
  channel: { id: 'C1', name: 'mesh-alerts' },
  message: { type: 'message', ts: '10.1' },
  actions: [{ block_id: 'b', action_ts: '11.1', ...action }],
  response_url: responseUrl,
  trigger_id: trigger(),
  ...changes,
});

const modal = (values: object) => ({
  id: 'V1',
  type: 'modal',
  callback_id: 'silence',
  private_metadata: 'incident-7',
  blocks: [
    { type: 'section', block_id: 'preview' },
    { type: 'input', block_id: 'reason' },
  ],
  state: { values },
});

const noMessage = { container: { type: 'view', view_id: 'V1' }, channel: undefined, message: undefined, response_url: undefined };

export const clickInModal = (action: object, values: object) => click(action, '', { ...noMessage, view: modal(values) });

export const clickAtHome = (action: object) =>
  click(action, '', {
    ...noMessage,
    view: { id: 'VH', type: 'home', callback_id: '', private_metadata: '', state: { values: {} } },
  });

export const submission = (values: object) => ({
  type: 'view_submission',
  user,
  team,
  token: 'canary-token',
  trigger_id: trigger(),
  view: modal(values),
});

export const homeOpened = (tab: string, changes: object = {}) => ({
  type: 'event_callback',
  token: 'canary-token',
  team_id: ourTeam,
  api_app_id: 'A1',
  event_id: `Ev${trigger()}`,
  event: { type: 'app_home_opened', user: 'U1', channel: 'D1', tab, event_ts: '12.1' },
  authorizations: [{ team_id: ourTeam, enterprise_id: null, user_id: 'UBOT', is_bot: true }],
  ...changes,
});

export const shortcut = (responseUrl: string, message: object, changes: object = {}) => ({
  type: 'message_action',
  callback_id: 'mesh_drill',
  user,
  team,
  token: 'canary-token',
  channel: { id: 'C1', name: 'mesh-alerts' },
  message: { type: 'message', ts: '10.2', ...message },
  message_ts: '10.2',
  response_url: responseUrl,
  trigger_id: trigger(),
  ...changes,
});
