import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { formatMistakes, readSettings } from '../../src/config.ts';

const file = (name: string): string => readFileSync(join(import.meta.dirname, '../..', name), 'utf8');

type Container = {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
};
type Manifest = {
  readonly kind: string;
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly Container[] } } };
};

const container = parseAllDocuments(file('manifests/kubernetes/edgewise.yaml'))
  .map((document) => document.toJS() as Manifest)
  .find(({ kind }) => kind === 'Deployment')?.spec.template.spec.containers[0];

/** Mounted secrets, as they would be read. */
const secrets: Record<string, string> = {
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  WEBHOOK_TOKENS: 'n2zq0c7w1m4x8v5b',
};

describe('the Kubernetes manifest', () => {
  it('starts the bot with settings that are complete, on the ports that it declares', () => {
    const env = Object.fromEntries(
      (container?.env ?? []).map(({ name, value }) => {
        const secret = name.replace(/_FILE$/, '');
        return name === secret ? [name, value] : [secret, secrets[secret] ?? ''];
      }),
    );
    const read = readSettings(env, 'serve');
    if (!read.ok) throw new Error(formatMistakes(read.mistakes));
    const port = (name: string) => container?.ports.find((one) => one.name === name)?.containerPort;
    expect(container?.args).toEqual(['serve']);
    expect(read.config.webhook.listen).toEqual({ host: '0.0.0.0', port: port('webhook') });
    expect(read.config.operations).toEqual({ host: '0.0.0.0', port: port('operations') });
  });

  it('has the ports of the defaults and of the image', () => {
    const read = readSettings({ PROMETHEUS_URL: 'http://p', SLACK_BOT_TOKEN: 'xoxb-1', SLACK_CHANNEL: '#a' }, 'serve');
    if (!read.ok) throw new Error(formatMistakes(read.mistakes));
    const { webhook, operations } = read.config;
    expect(container?.ports.map(({ containerPort }) => containerPort)).toEqual([webhook.listen.port, operations.port]);
    expect(file('Dockerfile')).toContain(`EXPOSE ${webhook.listen.port} ${operations.port}\n`);
  });
});
