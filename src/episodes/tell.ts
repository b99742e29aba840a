import { type Alert, severityOf } from '../domain/alert.ts';
import { confidenceWord } from '../domain/diagnosis.ts';
import { edgeOf, edgeTitle, isEverybody } from '../domain/edge.ts';
import { hear, isBack, measured, type News, open, reopenWithinMs } from '../domain/episode.ts';
import type { Evidence } from '../domain/evidence.ts';
import type { Incident, IncidentPart, Scope } from '../domain/incident.ts';
import type { Picture } from '../domain/message.ts';
import type { Report } from '../domain/report.ts';
import { type BudgetCost, costsOf } from '../domain/slo/cost.ts';
import { isStormKey, withParts } from '../domain/storm.ts';
import type { EpochMs } from '../domain/time.ts';
import { gather } from '../gather.ts';
import { headline, titleOf } from '../stages/compose/header.ts';
import { editMessage, newsMessages, pictureMessage, rooted, rootMessage, standingOf } from '../stages/compose/outgoing.ts';
import { diagnose } from '../stages/diagnose/index.ts';
import { hero } from '../stages/draw/hero.ts';
import { ownNews, refreshJobs } from './retold.ts';
import { type Part, withCallers } from './storm.ts';
import type { EpisodeWorld } from './world.ts';

const foldAfterMs = 60_000;

/** Evidence and what it means. */
export const reportOf = (evidence: Evidence): Report => ({ evidence, diagnosis: diagnose(evidence) });

/** What the failures of now spend of the budgets that are known. */
export const costsIn = ({ budgets, readings, subject, window }: Evidence): readonly BudgetCost[] => {
  const edge = edgeOf(subject);
  return edge === null || budgets === undefined ? [] : costsOf(budgets, readings, edge, window);
};

/** The incident with what a report says of it. */
export const withReport = (incident: Incident, report: Report): Incident => {
  const { diagnosis, evidence } = report;
  const errors = diagnosis.signals.find(({ signal }) => signal === 'errors');
  const latency = diagnosis.signals.find(({ signal }) => signal === 'latency');
  const seen = {
    errorRatio: errors?.value ?? null,
    failedPerMinute: diagnosis.impact?.failedPerMinute ?? null,
    latencyP99Seconds: latency?.value ?? null,
    costs: costsIn(evidence),
  };
  const counted = evidence.readings.length > 0 ? measured(incident, seen, evidence.atMs) : incident;
  return {
    ...counted,
    // What is measured of a storm is its callee; its first caller stays its edge.
    edge: isStormKey(incident.key) ? incident.edge : (edgeOf(evidence.subject) ?? incident.edge),
    // That it is over is no cause: whoever reads the card wants to know what it was.
    lastVerdict:
      diagnosis.verdict?.rule === 'recovered' ? incident.lastVerdict : (diagnosis.verdict?.sentence ?? incident.lastVerdict),
    lastHeader: headline(report, standingOf(incident)),
  };
};

export type Telling = {
  readonly world: EpisodeWorld;
  readonly scope: Scope;
  readonly key: string;
  readonly alerts: readonly Alert[];
  readonly mayClose: boolean;
  readonly receivedAtMs: EpochMs;
  /** Its alerts by the caller that they are about, where the incident is about all callers of one callee; none: about one edge. */
  readonly parts: readonly Part[];
  /** Incidents that stood before it, and that it speaks for. */
  readonly before: readonly IncidentPart[];
};

/** An incident about many: with its callers by alert, and those that stood before it; any other as it is. */
const counted = (incident: Incident, { parts, before }: Telling): Incident => {
  const [first] = parts;
  if (first === undefined) return incident;
  const { edge } = incident;
  const own = edge === null || isEverybody(edge.source) ? first.edge : edge;
  return withParts({ ...incident, edge: own, alerts: withCallers(incident.alerts, parts) }, before).incident;
};

/** One line of the log for each finished triage, the later ones of an open incident included: which incident, as of when, and what came of it. */
export const noteTriage = (
  world: EpisodeWorld,
  { id, cluster }: Incident,
  { evidence, diagnosis }: Report,
  receivedAtMs: EpochMs,
): void => {
  if (evidence.pending.length > 0) return;
  const edge = edgeOf(evidence.subject);
  const { verdict } = diagnosis;
  world.log('info', 'triaged', {
    incident: id,
    cluster,
    alerts: evidence.alerts.map(({ fingerprint }) => fingerprint),
    atMs: evidence.atMs,
    edge: edge === null ? null : edgeTitle(edge),
    rule: verdict?.rule ?? null,
    confidence: verdict === null ? null : confidenceWord(verdict.confidence),
    ms: Math.round(world.clock.nowMs() - receivedAtMs),
  });
};

/** Opens the incident, or lets the open one hear the alerts: root, escalations, edit and later jobs in one transaction. */
export const tell = async (
  telling: Telling,
  report: Report,
  picture: Picture | null,
): Promise<{ readonly incident: Incident; readonly news: readonly News[] } | null> => {
  const { world, scope, key, alerts, mayClose, receivedAtMs } = telling;
  const [lead] = alerts;
  if (!lead) return null;
  const atMs = world.clock.nowMs();
  const { subject } = report.evidence;
  const edge = edgeOf(subject);
  const setting = world.settingOf(edge, scope.cluster, scope.workspace);
  const id = crypto.randomUUID();
  let news: readonly News[] = [];
  const incident = await world.store.change(scope, key, atMs - reopenWithinMs, (current) => {
    const severity = severityOf(lead.labels);
    const route = world.routeOf(lead, edge, severity, scope.workspace);
    if (current === null) {
      news = ['opened'];
      const title = titleOf(report);
      const begun = counted(open({ ...scope, id, key, subject, title, channel: route.channel }, lead, alerts, atMs), telling);
      const opened = rooted(withReport(begun, report), report, setting);
      return { incident: opened, messages: [rootMessage(opened, picture)], jobs: refreshJobs(opened, atMs) };
    }
    const heard = hear(current, alerts, atMs, mayClose);
    news = heard.news;
    const known = counted(heard.incident, telling);
    const next = rooted({ ...withReport(known, report), revision: known.revision + 1 }, report, setting);
    const joined = heard.news.includes('alert-joined');
    // The mention of the incident's severity: the first alert of a delivery need not be its loudest.
    const { mention } = world.routeOf(lead, edge, next.severity, scope.workspace);
    return {
      incident: next,
      messages: [...newsMessages(next, ownNews(next, heard.news), mention, atMs, setting), editMessage(next)],
      jobs: [
        ...(joined ? [{ job: { kind: 'fold', incidentId: next.id } as const, atMs: atMs + foldAfterMs }] : []),
        ...(isBack(heard.news) ? refreshJobs(next, atMs) : []),
      ],
    };
  });
  world.wakeSender();
  if (incident !== null) noteTriage(world, incident, report, receivedAtMs);
  return incident === null ? null : { incident, news };
};

/** Draws and sends the picture to the thread; a picture that fails is a line in the log, never a lost text. */
export const drawFor = async (world: EpisodeWorld, report: Report, zone: string): Promise<Picture | null> => {
  const spec = hero(report, zone);
  const { charts } = world;
  if (spec === null || charts === null) return null;
  const drawn = await gather('the picture', 'pictures', 10_000, () => charts.draw(spec));
  if (!drawn.ok) world.log('warn', 'a picture could not be drawn', { gap: drawn.gap });
  return drawn.ok ? drawn.value : null;
};

/** Puts the picture into the incident's thread. */
export const sendPicture = async (
  world: EpisodeWorld,
  scope: Scope,
  incident: Incident,
  picture: Picture | null,
): Promise<void> => {
  if (picture === null) return;
  await world.store.change(scope, incident.key, 0, (current) =>
    current === null || current.id !== incident.id
      ? null
      : { incident: current, messages: [pictureMessage(current, picture)], jobs: [] },
  );
  world.wakeSender();
};
