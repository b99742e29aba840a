import type { Message } from '../../domain/message.ts';
import { actions, type Button } from './blocks.ts';
import type { Setting } from './setting.ts';

/**
 * Leads to the Home with this incident in front: the client follows the address, which can name no incident, and the click says which one it
 * is (docs.slack.dev/interactivity/deep-linking; a button may have such an address: slackapi/bolt-js#1698). Not every client told of
 * a click whose address is Slack's own (slackapi/bolt-js#464), so that the Home does not depend on it.
 */
export const homeButtons = (incidentId: string, { homeUrl }: Pick<Setting, 'homeUrl'>): readonly Button[] =>
  homeUrl === null
    ? []
    : [
        {
          text: 'Open in Home',
          action: 'home',
          value: incidentId,
          url: homeUrl,
          label: 'Open in Home: this incident first, then all that are open',
        },
      ];

/** A message with the way to its incident in the Home, where there is one. */
export const withHome = (message: Message, incidentId: string, setting: Pick<Setting, 'homeUrl'>): Message => {
  const buttons = homeButtons(incidentId, setting);
  return buttons.length === 0 ? message : { ...message, blocks: [...message.blocks, actions('open-home', buttons)] };
};
