import type { Edge } from '../../src/domain/edge.ts';
import { SourceError } from '../../src/domain/gathered.ts';
import type { FormValues, Gesture, Person, Screen, View } from '../../src/domain/gesture.ts';
import type { Message } from '../../src/domain/message.ts';
import { usualRoles } from '../../src/domain/roles.ts';
import type { NewSilence } from '../../src/domain/silence.ts';
import type { EpisodeWorld } from '../../src/episodes/world.ts';
import { openHomes } from '../../src/gestures/homes.ts';
import { type GestureWorld, keptAnswers } from '../../src/gestures/world.ts';
import { onGesture } from '../../src/gestures.ts';
import type { AlertsSource, AuditEntry, SilencesSource, Store } from '../../src/ports.ts';
import { spoken } from '../../src/stages/compose/spoken.ts';
import { scope } from '../contracts/store-values.ts';

/** People of one workspace, and one of another organisation. */
export const ada: Person = { userId: 'U0ADA', teamId: 'T1', isStranger: false, channelId: 'C1' };
export const bo: Person = { ...ada, userId: 'U0BO' };
export const stranger: Person = { ...ada, userId: 'U0EVE', teamId: 'T9', isStranger: true };

/** A screen that remembers; `failing` methods throw as Slack's do. */
export const recordingScreen = (failing: readonly (keyof Screen)[] = []) => {
  const said: { readonly message: Message; readonly shared: boolean }[] = [];
  const opened: View[] = [];
  const updated: View[] = [];
  const published: View[] = [];
  const or = async <T>(method: keyof Screen, value: T): Promise<T> => {
    if (failing.includes(method)) throw new SourceError('Slack', 'refused', 'no longer takes an answer to this');
    return value;
  };
  const screen: Screen = {
    say: async (message, shared = false) => {
      await or('say', null);
      said.push({ message, shared });
    },
    replace: async () => undefined,
    open: async (view) => {
      await or('open', null);
      opened.push(view);
      return `V${opened.length}`;
    },
    update: async (_, view) => {
      await or('update', null);
      updated.push(view);
    },
    publish: async (view) => {
      await or('publish', null);
      published.push(view);
    },
  };
  return { screen, said, opened, updated, published, words: (): readonly string[] => said.map(({ message }) => spoken(message)) };
};

export const click = (action: string, value: string, more: Partial<Extract<Gesture, { kind: 'click' }>> = {}): Gesture => ({
  kind: 'click',
  person: ada,
  action,
  value,
  messageTs: '1700000000.000001',
  isEphemeral: false,
  form: null,
  ...more,
});

export const command = (text: string, person: Person = ada): Gesture => ({ kind: 'command', person, text });

/** A form that is sent: in a modal there is no conversation. */
export const submitted = (context: string, values: FormValues, person: Person = ada): Gesture => ({
  kind: 'submit',
  person: { ...person, channelId: null },
  callback: 'silence',
  context,
  values,
});

/** An Alertmanager that takes silences until it is told otherwise. */
const silencesTaken = () => {
  const made: NewSilence[] = [];
  const expired: string[] = [];
  let problem: SourceError | 'slow' | null = null;
  const late = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new SourceError('Alertmanager', 'timeout', 'did not answer')));
    });
  const or = async (signal: AbortSignal): Promise<void> => {
    if (problem === 'slow') await late(signal);
    if (problem instanceof SourceError) throw problem;
  };
  const source: SilencesSource = {
    name: 'Alertmanager',
    all: async () => [],
    create: async (silence, { signal }) => {
      await or(signal);
      made.push(silence);
      return `5a7c0000-0000-4000-8000-${String(made.length).padStart(12, '0')}`;
    },
    expire: async (id, { signal }) => {
      await or(signal);
      expired.push(id);
    },
  };
  return {
    source,
    made,
    expired,
    is: (next: SourceError | 'slow' | null): void => {
      problem = next;
    },
  };
};

type Living = Awaited<ReturnType<AlertsSource['active']>>;

/** What lives in Alertmanager; null: it does not tell. */
const alertsLiving = () => {
  let living: Living | null = [];
  const source: AlertsSource = {
    name: 'Alertmanager',
    active: async () => {
      if (living === null) throw new SourceError('Alertmanager', 'unreachable', 'refused the connection');
      return living;
    },
  };
  return {
    source,
    are: (next: Living | null): void => {
      living = next;
    },
  };
};

/** The world of gestures over that of incidents, with every line of its log and every row of its audit. */
export const gesturing = (world: EpisodeWorld, more: Partial<GestureWorld> = {}) => {
  const lines: { readonly level: string; readonly event: string; readonly fields: Readonly<Record<string, unknown>> }[] = [];
  const rows: AuditEntry[] = [];
  const silences = silencesTaken();
  const alerts = alertsLiving();
  const store: Store = {
    ...world.store,
    audit: async (entry) => {
      await world.store.audit(entry);
      rows.push(entry);
    },
  };
  const settingOf: GestureWorld['settingOf'] = (edge: Edge | null, cluster: string) => ({
    ...world.settingOf(edge, cluster, scope.workspace),
    buttons: ['acknowledge', 'silence', 'drill', 'refresh', 'feedback'],
  });
  const all: GestureWorld = {
    ...world,
    store,
    settingOf,
    alertsOf: () => alerts.source,
    log: (level, event, fields = {}) => void lines.push({ level, event, fields }),
    clusters: [world.clusterOf(scope.cluster)],
    openIncidents: store.openIncidents,
    workspace: scope.workspace,
    roles: { ...usualRoles, silence: 'everyone' },
    silenceLimits: { isAllowed: true, mostSeconds: 14_400 },
    silencesOf: () => silences.source,
    groupsOfUser: async () => new Set(),
    showTo: async () => 'https://acme.slack.com/files/F1',
    shareIn: async () => undefined,
    linkOf: () => null,
    configured: () => [],
    nameOfChannel: async () => ({ name: 'mesh-alerts' }),
    showsStrangers: false,
    isSharedOutside: async () => false,
    answers: keptAnswers(),
    reading: new Map(),
    homes: openHomes(world.clock),
    ...more,
  };
  const onEach = onGesture(all);
  /** One gesture, and what its screen showed. */
  const does = async (gesture: Gesture, failing: readonly (keyof Screen)[] = []) => {
    const shown = recordingScreen(failing);
    const problems = await onEach(gesture, shown.screen);
    return { ...shown, problems };
  };
  return { world: all, does, silences, alerts, rows, lines };
};
