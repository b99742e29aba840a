import { labelOf } from '../../domain/alert.ts';
import { type Confidence, confidenceWord, type Finding, type Note, type Side } from '../../domain/diagnosis.ts';
import { type Edge, type EdgeEnd, edgeOf, type Located, type Subject } from '../../domain/edge.ts';
import type { GapReason } from '../../domain/gathered.ts';
import type { Report } from '../../domain/report.ts';
import { type TracingJson, tracingJson } from './tracing-json.ts';

type JsonEdge = { readonly source: EdgeEnd; readonly destination: EdgeEnd };

type JsonFinding = {
  readonly rule: string;
  readonly side: Side;
  readonly confidence: Confidence;
  readonly sentence: string;
  readonly evidence: readonly string[];
  readonly firstCheck: string;
  readonly command: string | null;
  readonly object: string | null;
  /** The edge where the walk downstream ended. */
  readonly at: JsonEdge;
};

/** The report for machines: `edgewise triage --json`; its schema is docs/report.schema.json. */
export type ReportJson = {
  readonly version: 1;
  readonly at: string;
  readonly cluster: string;
  /** The alerts of the body that this report answers; a body about several subjects gives several reports. */
  readonly alerts: readonly {
    readonly fingerprint: string;
    readonly alertname: string | null;
    readonly status: 'firing' | 'resolved';
  }[];
  readonly subject: Subject['kind'];
  /** The edge the alert is about. */
  readonly edge: JsonEdge | null;
  readonly located: {
    readonly way: Located['way'];
    readonly score: number;
    readonly how: string;
    readonly runnerUp: (JsonEdge & { readonly score: number }) | null;
  };
  readonly verdict: JsonFinding | null;
  readonly summary: string;
  readonly findings: readonly JsonFinding[];
  /** Absent where nothing was noticed beside the findings. */
  readonly notes?: readonly Note[];
  readonly ruledOut: readonly string[];
  readonly signals: readonly {
    readonly signal: string;
    readonly moved: boolean | null;
    readonly now: string;
    readonly usual: string | null;
    readonly change: string | null;
    readonly why: string | null;
    readonly value: number | null;
    readonly usualValue: number | null;
  }[];
  readonly flags: readonly {
    readonly flag: string;
    readonly meaning: string;
    readonly reporter: string;
    readonly requests: number;
    readonly share: number;
  }[];
  readonly impact: {
    readonly failedPerMinute: number;
    readonly callersAffected: number;
    readonly callers: number;
    readonly ingressAffected: boolean | null;
  } | null;
  readonly changes: readonly {
    readonly kind: string;
    readonly what: string;
    readonly object: string | null;
    readonly at: string | null;
    readonly relation: string;
  }[];
  readonly gaps: readonly {
    readonly what: string;
    readonly source: string;
    readonly reason: GapReason;
    readonly detail: string;
  }[];
  readonly queries: readonly { readonly text: string; readonly samples: number | null; readonly ms: number }[];
  readonly tracing?: TracingJson;
};

const end = ({ namespace, workload, service }: EdgeEnd): EdgeEnd => ({ namespace, workload, service });
const jsonEdge = ({ source, destination }: Edge): JsonEdge => ({ source: end(source), destination: end(destination) });

const jsonFinding = (found: Finding): JsonFinding => ({
  rule: found.rule,
  side: found.side,
  confidence: confidenceWord(found.confidence),
  sentence: found.sentence,
  evidence: found.evidence,
  firstCheck: found.firstCheck.sentence,
  command: found.firstCheck.command,
  object: found.firstCheck.object,
  at: jsonEdge(found.at),
});

/** ISO 8601 in UTC without a clock: days since the epoch to the civil calendar (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
const isoTime = (atMs: number): string => {
  const whole = Math.floor(atMs);
  const days = Math.floor(whole / 86_400_000);
  const rest = whole - days * 86_400_000;
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1;
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = `${two(Math.floor(rest / 3_600_000))}:${two(Math.floor(rest / 60_000) % 60)}:${two(Math.floor(rest / 1000) % 60)}.${String(rest % 1000).padStart(3, '0')}`;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${time}Z`;
};

const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);

/** The report as JSON data: no untrusted text is escaped here, since JSON parses nothing. */
export const reportJson = ({ evidence, diagnosis }: Report): ReportJson => {
  const edge = edgeOf(evidence.subject);
  const { way, score, how, runnerUp } = evidence.located;
  return {
    version: 1,
    at: isoTime(evidence.atMs),
    cluster: evidence.cluster,
    alerts: evidence.alerts.map(({ fingerprint, status, labels }) => ({
      fingerprint,
      alertname: labelOf(labels, 'alertname'),
      status,
    })),
    subject: evidence.subject.kind,
    edge: edge === null ? null : jsonEdge(edge),
    located: { way, score, how, runnerUp: runnerUp === null ? null : { ...jsonEdge(runnerUp.edge), score: runnerUp.score } },
    verdict: diagnosis.verdict === null ? null : jsonFinding(diagnosis.verdict),
    summary: diagnosis.summary,
    findings: diagnosis.findings.map(jsonFinding),
    ...(diagnosis.notes.length === 0 ? {} : { notes: diagnosis.notes }),
    ruledOut: diagnosis.ruledOut,
    signals: diagnosis.signals.map((line) => ({ ...line, value: finite(line.value), usualValue: finite(line.usualValue) })),
    flags: diagnosis.flags,
    impact: diagnosis.impact,
    changes: diagnosis.changes.map(({ kind, what, object, atMs, relation }) => ({
      kind,
      what,
      object,
      at: atMs === null ? null : isoTime(atMs),
      relation,
    })),
    gaps: evidence.gaps.map(({ what, source, reason, detail }) => ({ what, source, reason, detail })),
    queries: evidence.queries.map(({ text, samples, ms }) => ({ text, samples, ms })),
    ...tracingJson(evidence.tracing),
  };
};
