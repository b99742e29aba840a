import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const units: Readonly<Record<string, number>> = { s: 1000, min: 60_000, h: 3_600_000 };

/** "90 s", "5 min", "-60 s": from the moment at which the story begins. */
const offset = z.string().transform((text, context): number => {
  const [, amount, unit = ''] = /^([-+]?[\d.]+) (s|min|h)$/.exec(text) ?? [];
  const ms = Number(amount) * (units[unit] ?? Number.NaN);
  if (Number.isNaN(ms)) context.addIssue({ code: 'custom', message: 'expected a time such as 90 s, 5 min or 2 h' });
  return ms;
});

const names = z.array(z.string()).default([]);
const labels = z.record(z.string(), z.string());

/** An alert as Prometheus would have it. */
const alert = z.strictObject({
  labels,
  annotations: labels.default({}),
  since: offset,
  /** The address of its expression, where it says so. */
  expression: z.string().optional(),
});

/** What Alertmanager sends: alerts by their names in the story. */
const delivery = z.strictObject({
  firing: names,
  resolved: names,
  /** How many alerts it left out (`max_alerts`). */
  truncated: z.number().default(0),
  /** Its address: a twin has another. */
  from: z.string().default('http://alertmanager-1.shop.example:9093'),
  group: z.string().optional(),
});

const person = z.enum(['Ada', 'Bo', 'Sam']);
const at = { at: offset };
const values = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

const step = z.union([
  z.strictObject({ ...at, alertmanager: delivery }),
  /** What Alertmanager's own list says from now on, whatever it has sent. */
  z.strictObject({ ...at, listed: z.array(z.string()) }),
  z.strictObject({ ...at, prometheus: z.enum(['answers', 'refuses', 'hangs']) }),
  z.strictObject({ ...at, slack: z.enum(['answers', 'fails']) }),
  z.strictObject({
    ...at,
    who: person,
    clicks: z.string(),
    /** What the message says that is meant, where several have such a button. */
    where: z.string().default(''),
    /** A button that stands there no more: on a screen that was not loaded anew. */
    old: z.boolean().default(false),
  }),
  z.strictObject({ ...at, who: person, types: z.string() }),
  z.strictObject({ ...at, who: person, submits: values }),
  z.strictObject({ ...at, who: person, chooses: z.enum(['mesh_ack', 'mesh_drill']), where: z.string() }),
  z.strictObject({ ...at, who: person, opens: z.literal('home') }),
]);

/** How an objective stood when it was last read: a rolling one of 30 days, of availability as the callers' proxies count it. */
const objective = z.strictObject({
  service: z.string(),
  percent: z.number(),
  /** Requests of its 30 days. */
  requests: z.number(),
  /** Share of its budget that was left. */
  left: z.number(),
  read: offset,
});

const story = z.strictObject({
  story: z.string(),
  /** The mesh as it was: a recording in `worlds`, or requests of each edge that stay as they are. */
  world: z.union([z.string(), z.record(z.string(), z.record(z.string(), z.number()))]),
  /** Settings beside the usual ones, as in the environment. */
  settings: labels.default({}),
  /** Channels that another organisation is in too. */
  shared: z.array(z.string()).default([]),
  pictures: z.boolean().default(false),
  objectives: z.record(z.string(), objective).default({}),
  alerts: z.record(z.string(), alert).default({}),
  steps: z.array(step),
  ends: offset,
});

export type Story = z.output<typeof story>;
export type Step = Story['steps'][number];
export type StoryAlert = Story['alerts'][string];
export type StoryDelivery = z.output<typeof delivery>;

/** Reads `story.yaml` of a folder; throws in words where it is none. */
export const readStory = (folder: string): Story => {
  const path = join(folder, 'story.yaml');
  const read = story.safeParse(parse(readFileSync(path, 'utf8')));
  if (!read.success) throw new Error(`${path}: ${z.prettifyError(read.error)}`);
  return read.data;
};

const recorded = z.strictObject({
  /** A fault of the demo, by its name. */
  fault: z.string(),
  /** When it is there. */
  during: z.array(z.tuple([offset, offset])).min(1),
  until: offset,
});

export type RecordedWorld = z.output<typeof recorded>;

/** The worlds that were recorded, by their names. */
export const readWorlds = (home: string): Readonly<Record<string, RecordedWorld>> =>
  z.record(z.string(), recorded).parse(parse(readFileSync(join(home, 'worlds.yaml'), 'utf8')));
