import { labelOf } from '../../domain/alert.ts';
import { calleeName, edgeOf } from '../../domain/edge.ts';
import type { Block, Message } from '../../domain/message.ts';
import type { Report } from '../../domain/report.ts';
import { hourMs } from '../../domain/time.ts';
import { context, header, section, shortened } from './blocks.ts';
import { budgetLines } from './budget-lines.ts';
import { subjectCard } from './cards.ts';
import { footer } from './footer.ts';
import { headline } from './header.ts';
import { allowedLink, encoded, type Link, linkText, query, under } from './links.ts';
import { joined, type Mrkdwn, untrusted } from './mrkdwn.ts';
import * as paragraph from './paragraphs.ts';
import type { Paragraph, Setting, Standing } from './setting.ts';
import { aboutBlock, actionsBlock } from './standing.ts';
import { notes, traceLine } from './trace-line.ts';
import { traceLink } from './trace-links.ts';

/** A link of our own configuration is not untrusted; one of an annotation must pass the allowlist. */
const links = (report: Report, setting: Setting): readonly Link[] => {
  const { evidence } = report;
  const edge = edgeOf(evidence.subject);
  const range = [
    ['from', String(Math.floor(evidence.atMs - hourMs))],
    ['to', String(Math.floor(evidence.atMs))],
  ] as const;
  const found: (Link | null)[] = [];
  if (setting.grafanaUrl !== null && setting.serviceDashboardUid !== null && edge) {
    // A host outside the mesh stands in `destination_service` as it is.
    const name = calleeName(edge);
    const service = name.includes('.') ? name : `${name}.${edge.destination.namespace ?? 'default'}.svc.cluster.local`;
    const variables = [
      ['var-service', service],
      ...(edge.source.workload === null ? [] : [['var-srcwl', edge.source.workload] as const]),
    ] as const;
    found.push({
      label: 'Grafana',
      url: under(setting.grafanaUrl, `d/${encoded(setting.serviceDashboardUid)}/service?${query([...variables, ...range])}`),
    });
  }
  if (evidence.subject.kind === 'control-plane' && setting.grafanaUrl !== null) {
    const uid = setting.controlPlaneDashboardUid ?? '1813f692a8e4ac77155348d4c7d2fba8';
    found.push({
      label: 'Control plane dashboard',
      url: under(setting.grafanaUrl, `d/${encoded(uid)}/control-plane?${query(range)}`),
    });
  }
  if (setting.kialiUrl !== null && edge?.destination.namespace) {
    found.push({
      label: 'Kiali',
      url: under(
        setting.kialiUrl,
        `console/namespaces/${encoded(edge.destination.namespace)}/services/${encoded(calleeName(edge))}?${query([
          ['duration', '600'],
          ['tab', 'info'],
        ])}`,
      ),
    });
  }
  const tracing = evidence.tracing?.ok ? evidence.tracing.value : null;
  found.push(tracing === null || tracing.worst === null ? null : traceLink(setting.traceUi, tracing.worst));
  const first = evidence.alerts[0];
  if (first) {
    const runbook =
      labelOf(first.annotations, 'runbook_url') ?? labelOf(first.annotations, 'runbook') ?? labelOf(first.labels, 'playbook');
    found.push(allowedLink('Runbook', runbook, setting.linkHosts));
    found.push(
      allowedLink(
        'Dashboard',
        labelOf(first.annotations, 'dashboard_url') ?? labelOf(first.annotations, 'dashboard'),
        setting.linkHosts,
      ),
    );
  }
  return found.filter((link) => link !== null).slice(0, 4);
};

const topTextLimit = 300;

/** Header, verdict and first check within 300 characters: the push notification and the screen reader. */
const topText = (head: string, report: Report): Mrkdwn => {
  const { verdict, summary } = report.diagnosis;
  const first = untrusted(head, 150);
  const check = verdict === null ? null : untrusted(`First check: ${verdict.firstCheck.sentence}`, 110);
  const room = Math.max(40, topTextLimit - first.length - (check?.length ?? 0) - 2);
  return shortened(joined([first, untrusted(verdict?.sentence ?? summary, room), check]), topTextLimit) as Mrkdwn;
};

/** What it costs and, of all callers together, whom most: one block, since Slack's reader scrolls on a phone. */
const hurt = (report: Report, { timeZone }: Setting): Paragraph => {
  const found = [paragraph.impact(report), paragraph.worstCaller(report), budgetLines(report, timeZone)].filter(
    (text) => text !== null,
  );
  return found.length === 0 ? null : joined(found);
};

/** The measured report's body: what it costs, what to do about it, then the evidence. */
const measuredBody = (report: Report, setting: Setting): readonly Paragraph[] => [
  hurt(report, setting),
  report.diagnosis.verdict === null ? null : paragraph.firstCheck(report.diagnosis.verdict),
  paragraph.changes(report, setting),
  paragraph.signals(report),
  paragraph.flags(report),
  traceLine(report),
  notes(report),
];

/** The root message: ≤ 12 blocks; text alone makes sense. */
export const root = (report: Report, setting: Setting, standing: Standing): Message => {
  const head = headline(report, standing);
  const body = report.evidence.readings.length > 0 ? measuredBody(report, setting) : [subjectCard(report)];
  const shown = links(report, setting);
  const blocks: Block[] = [
    header(head),
    aboutBlock(paragraph.about(report, setting, standing), standing, setting),
    section(paragraph.verdict(report)),
    ...body.filter((text) => text !== null).map(section),
    ...actionsBlock(standing, setting),
    context(
      ...(shown.length > 0
        ? [
            joined(
              shown.map((link) => linkText(link)),
              '  ·  ',
            ),
          ]
        : []),
      footer(report, setting),
    ),
  ];
  return { text: topText(head, report), blocks };
};
