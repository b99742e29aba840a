import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type RunningEngine } from '../../../src/demo/engine-process.ts';
import { channel, startBot } from '../../../src/demo/start.ts';
import type { Workspace } from '../../../src/workspace/workspace.ts';

/** A finished triage, as the bot's log tells it. */
export type Triaged = {
  readonly incident: string;
  readonly cluster: string;
  /** Fingerprints. */
  readonly alerts: readonly string[];
  /** The clock of the triage. */
  readonly atMs: number;
  /** When the line was written. */
  readonly endedMs: number;
};

/** An answered question, as the bot's log tells it. */
type Answered = { readonly cluster: string | null; readonly atMs: number | null; readonly endedMs: number };

/** The shipped bot in a process of its own. */
export type Bot = {
  readonly triaged: () => readonly Triaged[];
  readonly answered: () => readonly Answered[];
  /** Errors of its log. */
  readonly complaints: () => readonly string[];
  readonly process: RunningEngine;
};

/** A cluster as the bot finds it: addresses of its Prometheus and of its Zipkin; null: it has none. */
type LabCluster = { readonly name: string; readonly prometheus: string; readonly zipkin: string | null };

type BotOptions = {
  readonly folder: string;
  /** Chosen before, since the wire must know where the bot will be. */
  readonly webhookPort: number;
  readonly token: string;
  readonly workspace: Workspace;
  readonly clusters: readonly LabCluster[];
  readonly signal: AbortSignal;
};

export const newToken = (): string => randomBytes(24).toString('hex');

/** JSON is YAML too: no name of a cluster needs quoting by hand. */
const configText = (clusters: readonly LabCluster[]): string =>
  JSON.stringify({
    clusters: clusters.map(({ name, prometheus, zipkin }) => ({
      name,
      prometheus: { url: prometheus },
      ...(zipkin === null ? {} : { traces: { url: zipkin, store: 'zipkin' } }),
    })),
    routing: { default: channel },
  });

type Line = Readonly<Record<string, unknown>>;

const parsed = (line: string): Line | null => {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return null;
  }
};

const listener = () => {
  const triaged: Triaged[] = [];
  const answered: Answered[] = [];
  const complaints: string[] = [];
  const hear = (text: string): void => {
    const line = parsed(text);
    const endedMs = Date.now();
    if (line === null) return;
    if (line['msg'] === 'triaged') triaged.push({ ...(line as unknown as Triaged), endedMs });
    if (line['msg'] === 'a question was answered') {
      const { cluster = null, atMs = null } = line as unknown as Partial<Answered>;
      answered.push({ cluster, atMs, endedMs });
    }
    if (line['level'] === 'error') complaints.push(text.slice(0, 400));
  };
  return { triaged, answered, complaints, hear };
};

/** Starts `edgewise serve` with one cluster a fault, so that incidents of two faults never meet. */
export const startLabBot = async ({ folder, webhookPort, token, workspace, clusters, signal }: BotOptions): Promise<Bot> => {
  const file = join(folder, 'edgewise.yaml');
  writeFileSync(file, configText(clusters));
  const { triaged, answered, complaints, hear } = listener();
  const process = await startBot(
    {
      WEBHOOK_TOKENS: token,
      DATA_DIR: join(folder, 'edgewise'),
      CONFIG_FILE: file,
      TIME_ZONE: 'UTC',
      LOG_LEVEL: 'info',
      // The text is graded, and every core is needed for the mesh.
      PICTURES: 'false',
      SLACK_API_URL: workspace.apiUrl,
      SLACK_BOT_TOKEN: workspace.botToken,
      // One fault after the other: each has messages of its own.
      CHANNEL_BUDGET: '0',
      SLACK_APP_TOKEN: workspace.appToken,
    },
    { webhook: webhookPort, operations: await freePort() },
    { signal, onLine: hear },
  );
  return {
    triaged: () => triaged,
    answered: () => answered,
    complaints: () => complaints,
    process,
  };
};
