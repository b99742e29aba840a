import type { Message } from '../../src/workspace/state.ts';
import { channel, type World } from './e2e-world.ts';

/** What differs from one run to the next: moments, spans, ids, ports, how much failed meanwhile, and what was read in time for the card. */
const steady = (text: string): string =>
  text
    .replace(/<!date\^\d+\^([^|>]*)\|[^>]*>/g, '<date $1>')
    .replace(/<http:[^|>]*\/p\d+\|/g, '<its message|')
    .replace(/\b\d{2}:\d{2}(:\d{2})?\b/g, '<time>')
    .replace(/\b(\d+ h )?\d+ (s|min)\b/g, '<span>')
    .replace(/About \d+ failed/, 'About <n> failed')
    .replace(/\n\*(What changed back|Changed while it fired).*/g, '');

/** Every text in these blocks, in order. */
const wordsOf = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    typeof part !== 'string' ? wordsOf(part) : name === 'text' ? [steady(part)] : [],
  );
};

/** An answer as it is compared: its words and what can be clicked. */
const shown = ({ text, blocks }: Message): string => {
  const buttons = blocks.flatMap((block) => (block['elements'] ?? []) as readonly { readonly action_id?: string }[]);
  return `${steady(text)} [${buttons.flatMap(({ action_id: action }) => action ?? []).join(' ')}]`;
};

const wanted = { matchers: ['["alertname","EdgeErrorRatioHigh"]', '["destination_service_name","payments"]'] } as const;

/** The fields of the form as a person leaves them. */
const filled = (comment: string) => ({
  matchers: { 'silence-preview': wanted.matchers },
  duration: { 'silence-preview': '1h' },
  comment: { comment },
});

/** The words of these blocks, once they say `what`. */
const wordsWith = async ({ workspace }: World, blocks: () => unknown, what: string): Promise<readonly string[]> => {
  const isThere = await workspace.until(() => wordsOf(blocks()).some((words) => words.includes(what)), 15_000);
  if (!isThere) throw new Error(`nothing says ${what}: ${wordsOf(blocks()).join('\n')}`);
  return wordsOf(blocks());
};

/** Opens "Silence…" at the root, forgets the reason, is told so, gives it. Gives what was said of the empty one. */
const silenceIt = async ({ workspace }: World, ts: string) => {
  await workspace.click({ in: { channel, ts }, action: 'silence' });
  await workspace.until(() => workspace.modals().length === 1, 5000);
  const [modal] = workspace.modals();
  const refused = await workspace.submit({ values: filled('   ') });
  const taken = await workspace.submit({ values: filled('known fault, INC-12') });
  return { modal: wordsOf(modal?.blocks), refused, taken };
};

/** Ada acknowledges, Bo comes late, Sam is of another organisation. */
const acknowledgeIt = async ({ workspace, told, root }: World, ts: string): Promise<readonly string[]> => {
  const { ada, bo, sam } = workspace.people;
  // Slack refuses the edit for a while, so that Bo still sees the old button.
  workspace.fail('chat.update', { kind: 'status', status: 429, retryAfter: 2 }, 1);
  await workspace.click({ in: { channel, ts }, action: 'acknowledge' });
  const first = await told('You look after', ada);
  await workspace.click({ in: { channel, ts }, action: 'acknowledge', person: bo });
  const late = await told('was acknowledged already', bo);
  const at = await root('Unacknowledge');
  await workspace.click({ in: { channel, ts }, action: 'unacknowledge', person: sam });
  const stranger = await told('People of another organisation', sam);
  return [first, late, at, stranger].map(shown);
};

/** From the first alert to the judgement of the resolution card: everything that was told, in order, for comparison. */
export const walk = async (world: World) => {
  const { workspace, root, reply, told, fire, mend, resolve, silences } = world;
  await fire();
  const first = await root('First check');
  const { ts } = first;
  const said: string[] = [shown(first), ...(await acknowledgeIt(world, ts))];
  const form = await silenceIt(world, ts);
  said.push(...form.modal, JSON.stringify([form.refused, form.taken]), shown(await reply('*Silenced* by')));
  const made = await silences();
  said.push(shown(await root('"action_id":"unsilence"')));
  await workspace.openHome();
  said.push(...(await wordsWith(world, () => workspace.home()?.blocks, 'Silences about to end')));
  await workspace.click({ in: { channel, ts }, action: 'unsilence' });
  said.push(shown(await reply('*Silence ended* by')));
  const ended = await silences();
  await workspace.click({ in: { channel, ts }, action: 'drill' });
  const drill = await told('Look closer');
  await workspace.click({ in: { channel, ts: drill.ts }, action: 'ask-1' });
  const flags = await told('"action_id":"share"');
  await workspace.click({ in: { channel, ts: flags.ts }, action: 'share' });
  const inChannel = () => workspace.messages(channel).findLast(({ ephemeralFor }) => ephemeralFor === null)?.blocks;
  said.push(shown(drill), shown(flags), ...(await wordsWith(world, inChannel, 'Shared by')));
  await workspace.command('/mesh unack', channel);
  said.push(shown(await told('Nobody looks after')));
  // From the menu of a message in the thread, where Slack takes no commands.
  const { ts: noteTs } = await reply('*Silence ended* by');
  await workspace.shortcut({ channel, ts: noteTs, callbackId: 'mesh_ack', person: workspace.people.bo });
  said.push(shown(await told('You look after', workspace.people.bo)));
  await workspace.click({ in: { channel, ts }, action: 'refresh' });
  said.push(shown(await told('was read again')));
  mend();
  await resolve();
  const card = await reply('"action_id":"right-edge"');
  said.push(shown(await root('Resolved:')), shown(card));
  await workspace.click({ in: { channel, ts: card.ts }, action: 'right-edge' });
  said.push(shown(await told('Noted: the right edge')));
  // Bo errs, and says so: the last word of each counts.
  for (const action of ['wrong-edge', 'right-edge']) {
    await workspace.click({ in: { channel, ts: card.ts }, action, person: workspace.people.bo });
    said.push(shown(await told(action === 'right-edge' ? 'Noted: the right' : 'Noted: the wrong', workspace.people.bo)));
  }
  return { said, form, made, ended };
};
