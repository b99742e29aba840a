import { slackCalls } from '../adapters/slack/calls.ts';
import { tokensIn } from '../adapters/slack/tokens.ts';
import { slackWeb } from '../adapters/slack/web.ts';
import { openEmbedded } from '../adapters/store/embedded.ts';
import { probeDirectory, probeInstallations } from '../adapters/store/probe.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { type Sealing, sealing } from '../adapters/system/sealing.ts';
import type { Config } from '../config.ts';
import type { Installation } from '../domain/installation.ts';
import { gather } from '../gather.ts';
import { type Finding, failure, patienceMs, warning } from './finding.ts';
import { workspaceFindings } from './slack-workspace.ts';

type Installs = NonNullable<Config['slack']['installs']>;
type Way = Omit<Parameters<typeof slackWeb>[0], 'token'>;

/** PostgreSQL is only read; the embedded store can be opened while nobody else has it. */
const installationsIn = async ({ database, dataDir }: Config): Promise<readonly Installation[]> => {
  if (database !== null) return probeInstallations(database);
  if ((await probeDirectory(dataDir)) === 'new') return [];
  const store = await openEmbedded({ dataDir, clock: systemClock, log: () => undefined });
  try {
    return await store.installations.all();
  } finally {
    await store.close();
  }
};

const named = (team: string, findings: readonly Finding[]): readonly Finding[] =>
  findings.map((finding) => ({ ...finding, text: finding.text.replace(/^Slack:/, `Slack ${team}:`) }));

const uncounted = { onCall: () => undefined, onWait: () => undefined };

type Look = { readonly config: Config; readonly installs: Installs; readonly way: Way; readonly sealer: Sealing };

const teamFindings = async ({ config, installs, way, sealer }: Look, team: string, found: Installation | undefined) => {
  const { inbound, channel } = config.slack;
  if (found === undefined) {
    const page = inbound?.kind === 'http' ? `${inbound.path}/install` : 'SLACK_PATH/install';
    return [
      warning('Slack: has not installed the app', `Somebody of that workspace opens ${page}; its messages wait until then`),
    ];
  }
  const read = tokensIn(sealer, found);
  if (read === null)
    return [
      failure(
        'Slack: its tokens were encrypted with another key',
        'Add that key to SLACK_TOKENS_KEY, by comma; where it is lost, install the app again',
      ),
    ];
  if (found.expiresAtMs !== null && found.expiresAtMs <= systemClock.nowMs())
    return [
      warning('Slack: its token is over', '`edgewise serve` renews it; where the log says that it cannot, install the app again'),
    ];
  const { call } = slackCalls(slackWeb({ ...way, token: read.tokens.token }), systemClock, uncounted);
  const own = installs.workspaces.find((rule) => rule.team === team)?.channel ?? channel;
  return workspaceFindings(config, call, 'nothing: it is in the store', [own]);
};

/** Which of the workspaces that may have installed the app, and whether their tokens work. */
export const installedFindings = async (config: Config, installs: Installs, way: Way): Promise<readonly Finding[]> => {
  const all = await gather('installations', 'store', patienceMs, () => installationsIn(config));
  if (!all.ok)
    return [
      warning(
        `Slack: which workspaces have installed the app is not known: the store ${all.gap.detail}`,
        'While Edgewise runs on the embedded store, /readyz says it, and /mesh doctor in each workspace',
      ),
    ];
  const look: Look = { config, installs, way, sealer: sealing(installs.tokensKeys) };
  const found = installs.teams.map(async (team) => {
    const findings = await teamFindings(
      look,
      team,
      all.value.find(({ teamId }) => teamId === team),
    );
    return named(team, findings);
  });
  return (await Promise.all(found)).flat();
};
