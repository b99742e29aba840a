import { slackCalls } from '../../src/adapters/slack/calls.ts';
import { type SenderOptions, slackSender } from '../../src/adapters/slack/sender.ts';
import { slackWeb } from '../../src/adapters/slack/web.ts';
import type { Incident, OutboxMessage } from '../../src/domain/incident.ts';
import type { Clock, OutboxItem, Store } from '../../src/ports.ts';
import type { Workspace } from '../../src/workspace/workspace.ts';
import { decided, scope } from '../contracts/store-values.ts';

/** Puts an incident's messages into the outbox. */
export const put = (store: Store, incident: Incident, ...messages: readonly OutboxMessage[]) =>
  store.change(scope, incident.key, 0, () => decided(incident, messages));

/** The shipped sender between a store and a workspace. */
export const senderTo = (
  workspace: Pick<Workspace, 'apiUrl' | 'botToken'>,
  store: Store,
  clock: Clock,
  more: Partial<SenderOptions> = {},
) => {
  const answers: string[] = [];
  const sent: OutboxItem[] = [];
  const web = slackWeb({ token: workspace.botToken, apiUrl: workspace.apiUrl, timeoutMs: 400 });
  const sender = slackSender({
    outbox: store.outbox,
    workspace: scope.workspace,
    calls: slackCalls(web, clock, { onCall: (method, result) => answers.push(`${method} ${result}`), onWait: () => undefined }),
    fetch,
    clock,
    log: () => undefined,
    pictureChannel: null,
    defaultChannel: '#mesh-alerts',
    canReadHistory: () => true,
    briefIn: async () => null,
    onSent: (item) => sent.push(item),
    ...more,
  });
  return { ...sender, answers, sent };
};
