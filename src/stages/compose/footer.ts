import { edgeTitle } from '../../domain/edge.ts';
import type { Gap } from '../../domain/gathered.ts';
import type { Report } from '../../domain/report.ts';
import { lengthSeconds } from '../../domain/time.ts';
import { counted } from '../../domain/words.ts';
import { clockText, span } from './dates.ts';
import { joined, type Mrkdwn, mrkdwn } from './mrkdwn.ts';
import type { Setting } from './setting.ts';

/** "No golden signals: Prometheus did not answer in 1.8 s" */
export const gapLine = (gap: Gap): Mrkdwn => mrkdwn`No ${gap.what}: ${gap.source} ${gap.detail}`;

/** Gaps once each, in their order; the rest counted. */
export const gapLines = (gaps: readonly Gap[]): readonly Mrkdwn[] => {
  const lines = [...new Set(gaps.map(gapLine))];
  return lines.length <= 4 ? lines : [...lines.slice(0, 4), mrkdwn`and ${counted(lines.length - 4, 'more gap')}`];
};

/**
 * What the numbers are, once (design promise 5): as of when, reporter, window, what counts as failed, how the edge was found, the
 * runner-up, gaps.
 */
export const footer = (report: Report, setting: Setting): Mrkdwn => {
  const { evidence } = report;
  const measured = evidence.readings.length > 0;
  const { runnerUp, how } = evidence.located;
  const facts = joined(
    [
      mrkdwn`as of ${clockText(evidence.atMs, setting.timeZone)}`,
      measured ? mrkdwn`counted by the ${evidence.reporter}'s proxies over ${span(lengthSeconds(evidence.window) * 1000)}` : null,
      measured ? mrkdwn`failed = 5xx, gRPC 2 4 8 12–15, or cut off` : null,
      how === '' ? null : mrkdwn`${how}`,
      runnerUp === null ? null : mrkdwn`close second: ${edgeTitle(runnerUp.edge)}`,
      evidence.pathStopped === null ? null : mrkdwn`${evidence.pathStopped}`,
      evidence.queries.length > 0 ? mrkdwn`${counted(evidence.queries.length, 'query', 'queries')}` : null,
    ],
    ' · ',
  );
  return joined([facts, ...gapLines(evidence.gaps)]);
};
