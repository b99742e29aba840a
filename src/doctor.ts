import { systemClock } from './adapters/system/clock.ts';
import type { Config } from './config.ts';
import { alertmanagerFindings, linkFindings, rulesFindings, storeFindings } from './doctor/around.ts';
import { type Finding, failure } from './doctor/finding.ts';
import { metricsFindings } from './doctor/metrics.ts';
import { definedFindings, objectivesFindings } from './doctor/objectives.ts';
import { slackFindings, type Within } from './doctor/slack.ts';
import { tracesFindings } from './doctor/traces.ts';
import { openSources, type Sources, uncounted } from './sources.ts';

const clusterFindings = async (sources: Sources, { objectives, clusters }: Config): Promise<readonly Finding[]> => {
  const about = objectives.slos.filter(({ cluster }) => (cluster ?? clusters[0]?.name) === sources.cluster.name);
  const found = await Promise.all([
    metricsFindings(sources),
    rulesFindings(sources),
    alertmanagerFindings(sources),
    tracesFindings(sources),
    objectivesFindings(sources, about),
  ]);
  return found.flat();
};

/** Looks at everything that is configured and changes nothing; each line says what to do. */
export const doctor = async (config: Config, within: Within | null = null): Promise<readonly Finding[]> => {
  const sources = openSources(config, { clock: systemClock, ...uncounted });
  try {
    const found = await Promise.all([
      sources.length === 0
        ? [failure('Prometheus: no cluster is configured', 'Set PROMETHEUS_URL, or `clusters` in CONFIG_FILE')]
        : [],
      ...sources.map((one) => clusterFindings(one, config)),
      definedFindings(config.objectives),
      storeFindings(config),
      linkFindings(config),
      slackFindings(config, within),
    ]);
    return found.flat();
  } finally {
    await Promise.all(sources.map(({ close }) => close()));
  }
};

/** The same for whoever asks in Slack: of every cluster, or of one. */
export const examiner =
  (config: Config, within: Within) =>
  (cluster: string | null): Promise<readonly Finding[]> =>
    doctor(cluster === null ? config : { ...config, clusters: config.clusters.filter(({ name }) => name === cluster) }, within);
