import { silenced, unsilenced } from '../domain/deeds.ts';
import type { Gap } from '../domain/gathered.ts';
import type { Person } from '../domain/gesture.ts';
import type { Incident, IncidentSilence } from '../domain/incident.ts';
import type { Message } from '../domain/message.ts';
import type { NewSilence } from '../domain/silence.ts';
import { doTo } from '../episodes/deeds.ts';
import { gather } from '../gather.ts';
import type { SilencesSource } from '../ports.ts';
import { plainAnswer } from '../stages/compose/answers.ts';
import { noteMessage } from '../stages/compose/outgoing.ts';
import { silencedNote, silenceEndedNote } from '../stages/compose/silence.ts';
import { type Came, permitted } from './permission.ts';
import { hiddenIn, type Scene } from './silence-scene.ts';
import type { GestureWorld } from './world.ts';

/** Slack waits 3 s for what comes of a form. */
const writeMs = 2000;
const storeMs = 5000;

/** Of what was sent and not answered nobody knows: "not silenced" would leave alerts hidden that somebody waits for. */
const notMade = (name: string, { reason, detail }: Gap): Came => {
  const told =
    reason === 'timeout'
      ? `Perhaps not silenced: ${name} ${detail}. Look there before you silence it again.`
      : `Not silenced: ${name} ${detail}.`;
  return { message: plainAnswer([told]), outcome: 'failed', detail: `${name} ${detail}` };
};

/** What is true in Alertmanager by now although the incident's message does not say so. */
const untold = (message: Message, { detail }: Gap): Message => {
  const { text, blocks } = plainAnswer([`The incident's message does not say so: the store ${detail}.`]);
  return { text: `${message.text}\n${text}`, blocks: [...message.blocks, ...blocks] };
};

const matchersText = ({ matchers }: NewSilence): string =>
  matchers.map(({ name, value }) => `${name}=${JSON.stringify(value)}`).join(', ');

/** Makes the silence in Alertmanager, then says so at the incident: a root that speaks of a silence that is none would be worse than none. */
export const makeSilence = async (
  world: GestureWorld,
  person: Person,
  source: SilencesSource,
  scene: Scene,
  wanted: NewSilence,
): Promise<Came> => {
  const made = await gather('the silence', source.name, writeMs, (ask) => source.create(wanted, ask));
  if (!made.ok) return notMade(source.name, made.gap);
  const { incident, timeZone } = scene;
  const { startsAtMs, endsAtMs, comment } = wanted;
  const silence: IncidentSilence = { by: person.userId, atMs: startsAtMs, id: made.value, endsAtMs, comment };
  const note = silencedNote(person.userId, wanted, hiddenIn(scene, wanted), timeZone);
  const told = await gather('the incident', 'the store', storeMs, () =>
    doTo(
      world,
      incident.id,
      (one) => silenced(one, silence),
      (one) => ({
        messages: [noteMessage(one, `silenced:${silence.id}`, note)],
        jobs: [{ job: { kind: 'silence-end', incidentId: one.id }, atMs: endsAtMs + 1000 }],
      }),
    ),
  );
  const detail = `${made.value}: ${matchersText(wanted)}, until ${new Date(endsAtMs).toISOString()}`;
  return told.ok
    ? { message: note, outcome: 'done', detail }
    : { message: untold(note, told.gap), outcome: 'done', detail: `${detail}; the incident does not say so` };
};

type Ended = { readonly ended: readonly IncidentSilence[]; readonly problem: string | null };

const endIn = async (source: SilencesSource, silences: readonly IncidentSilence[]): Promise<Ended> => {
  const ended: IncidentSilence[] = [];
  const problems: string[] = [];
  for (const silence of silences) {
    const gone = await gather('the silence', source.name, writeMs, (ask) => source.expire(silence.id, ask));
    if (gone.ok) ended.push(silence);
    else problems.push(gone.gap.detail);
  }
  return { ended, problem: problems[0] ?? null };
};

const endAll = async (world: GestureWorld, person: Person, incident: Incident, source: SilencesSource): Promise<Came> => {
  const { silences = [], title } = incident;
  if (silences.length === 0)
    return { message: plainAnswer([`${title} has no silence that was made here.`]), outcome: 'failed', detail: 'none' };
  const { ended, problem } = await endIn(source, silences);
  const ids = ended.map(({ id }) => id);
  const deed = { by: person.userId, atMs: world.clock.nowMs() };
  const { timeZone } = world.settingOf(incident.edge, incident.cluster);
  const noteOf = (silence: IncidentSilence): Message => silenceEndedNote(silence, deed, timeZone);
  const told = await gather('the incident', 'the store', storeMs, () =>
    doTo(
      world,
      incident.id,
      (one) => unsilenced(one, ids),
      (one) => ({ messages: ended.map((silence) => noteMessage(one, `unsilenced:${silence.id}`, noteOf(silence))), jobs: [] }),
    ),
  );
  if (problem !== null) {
    const message = plainAnswer([`Not every silence was ended: ${source.name} ${problem}.`]);
    const also = ids.length === 0 ? '' : `; ended: ${ids.join(', ')}`;
    return { message, outcome: 'failed', detail: `${problem}${also}` };
  }
  const [first] = ended;
  const message = first === undefined ? plainAnswer(['The silence was ended.']) : noteOf(first);
  return { message: told.ok ? message : untold(message, told.gap), outcome: 'done', detail: ids.join(', ') };
};

/** What cannot be done where no Alertmanager is configured. */
export const noAlertmanager = (cluster: string): Came => ({
  message: plainAnswer([`No Alertmanager is configured for ${cluster}: ALERTMANAGER_URL, or alertmanager of the cluster.`]),
  outcome: 'failed',
  detail: 'no Alertmanager',
});

/** Ends the silences that were made here for an incident. */
export const endSilences = (world: GestureWorld, person: Person, incident: Incident): Promise<Message> => {
  const source = world.silencesOf(incident.cluster);
  return permitted(world, 'silence', 'unsilence', { person, incident }, async () =>
    source === null ? noAlertmanager(incident.cluster) : endAll(world, person, incident, source),
  );
};
