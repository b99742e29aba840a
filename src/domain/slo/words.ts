import { type EdgeEnd, edgeTitle } from '../edge.ts';
import type { Sli, SloReporter, SloSubject } from '../slo.ts';
import { seconds } from '../words.ts';

const endText = ({ namespace, service, workload }: EdgeEnd): string => {
  const name = service ?? workload ?? 'unknown';
  return namespace === null ? name : `${namespace}/${name}`;
};

/** "shop/payments", "checkout → payments" */
export const subjectText = (about: SloSubject): string => {
  if (about.kind === 'named') return about.service;
  if (about.kind === 'service') return endText(about.callee);
  const { source, destination } = about.edge;
  return source.namespace === destination.namespace ? edgeTitle(about.edge) : `${endText(source)} → ${endText(destination)}`;
};

const proxies: Readonly<Record<SloReporter, string>> = {
  destination: "at the callee's proxy",
  source: "at the callers' proxies",
};

const badText = { failed: 'failed', 'failed-and-refused': 'failed or refused', 'non-2xx': 'other than 2xx' } as const;

/** How an indicator is counted, in few words. */
export const sliText = (sli: Sli): string => {
  if (sli.kind === 'queries') return `${sli.counts} of all events, by PromQL`;
  if (sli.kind === 'recorded') return 'as its rules record it';
  if (sli.kind === 'ratio-query') return 'a ratio without its events, by PromQL';
  if (sli.kind === 'availability') return `bad: ${badText[sli.bad]}, ${proxies[sli.reporter]}`;
  const cut = sli.offEdge === 'pessimistic' ? ' (or in the bucket around that)' : '';
  return `bad: slower than ${seconds(sli.thresholdSeconds)}${cut}, ${proxies[sli.reporter]}`;
};
