import { edgeTitle } from '../../domain/edge.ts';
import type { Gap } from '../../domain/gathered.ts';
import { counterOf, failedMeans } from '../../domain/mesh.ts';
import type { Report } from '../../domain/report.ts';
import { nounAt } from '../../domain/tcp.ts';
import { lengthSeconds } from '../../domain/time.ts';
import { counted, seconds } from '../../domain/words.ts';
import { clockText } from './dates.ts';
import { joined, type Mrkdwn, mrkdwn } from './mrkdwn.ts';
import type { Setting } from './setting.ts';

const shownWhats = 3;

/** "No golden signals, usual values, latency and 5 more: Prometheus did not answer in 1.8 s": one line a source and reason. */
const gapLine = ([first, ...others]: readonly [Gap, ...Gap[]]): Mrkdwn => {
  const whats = [...new Set([first, ...others].map(({ what }) => what.replace(/^the /, '')))];
  const more = whats.length > shownWhats ? ` and ${whats.length - shownWhats} more` : '';
  return mrkdwn`No ${whats.slice(0, shownWhats).join(', ')}${more}: ${first.source} ${first.detail}`;
};

/** Gaps by who failed and how, in their order; the rest counted. */
export const gapLines = (gaps: readonly Gap[]): readonly Mrkdwn[] => {
  const groups = new Map<string, [Gap, ...Gap[]]>();
  for (const gap of gaps) {
    const key = JSON.stringify([gap.source, gap.reason, gap.reason === 'absent' ? gap.detail : '']);
    const group = groups.get(key);
    if (group) group.push(gap);
    else groups.set(key, [gap]);
  }
  const lines = [...groups.values()].map(gapLine);
  return lines.length <= 4 ? lines : [...lines.slice(0, 4), mrkdwn`and ${counted(lines.length - 4, 'more gap')}`];
};

/**
 * What the numbers are, once: as of when, reporter, window, what counts as failed, how the edge was found, the
 * runner-up, gaps.
 */
export const footer = (report: Report, setting: Setting): Mrkdwn => {
  const { evidence } = report;
  const measured = evidence.readings.length > 0;
  const { runnerUp, how } = evidence.located;
  const facts = joined(
    [
      mrkdwn`as of ${clockText(evidence.atMs, setting.timeZone)}`,
      measured
        ? mrkdwn`counted by ${counterOf(evidence.mesh, evidence.reporter)} over ${seconds(lengthSeconds(evidence.window))}`
        : null,
      measured ? mrkdwn`${failedMeans(evidence.mesh, nounAt(evidence.readings, evidence.path[0]))}` : null,
      how === '' ? null : mrkdwn`${how}`,
      runnerUp === null ? null : mrkdwn`close second: ${edgeTitle(runnerUp.edge)}`,
      evidence.pathStopped === null ? null : mrkdwn`${evidence.pathStopped}`,
      evidence.queries.length > 0 ? mrkdwn`${counted(evidence.queries.length, 'query', 'queries')}` : null,
    ],
    ' · ',
  );
  return joined([facts, ...gapLines(evidence.gaps)]);
};
