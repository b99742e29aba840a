import type { Diagnosis, Finding, Side } from '../../domain/diagnosis.ts';
import { calleeName, type Edge, edgeOf, edgeTitle } from '../../domain/edge.ts';
import type { Evidence } from '../../domain/evidence.ts';
import { type Gap, got } from '../../domain/gathered.ts';
import { leading, type ReporterJudgement } from '../../domain/judgement.ts';
import { type Mesh, printsFlags } from '../../domain/mesh.ts';
import { sickFrom } from '../../domain/sick-past.ts';
import { isTcp, nounOf } from '../../domain/tcp.ts';
import { flowOf, wayUp } from '../../domain/walk-up.ts';
import { count, percent } from '../../domain/words.ts';
import { flagLines, impactOf, rankChanges } from './facts.ts';
import { notesOf } from './notes/index.ts';
import { eitherRefusal } from './own-answer.ts';
import { ranked } from './ranked.ts';
import { rules } from './rules/index.ts';
import { badAt, isSlow, proxyOf, type Scene, sceneOf, withFlag } from './scene.ts';
import { failedBefore, isUnproven, signalLines, whyUnproven } from './signals.ts';
import { flowText, isHalved, sickAround } from './traffic.ts';

/** A waypoint is the callee's. */
const sideIn = (mesh: Mesh, side: Side): Side => (mesh === 'ambient' && side === "caller's proxy" ? "callee's proxy" : side);

/** A finding deeper down says for whom it matters. */
const inContext = (found: Finding, scene: Scene): Finding => {
  const [first] = scene.evidence.path;
  const finding = { ...found, side: sideIn(scene.evidence.mesh, found.side) };
  if (!scene.isBelow || !first || finding.at !== scene.edge || finding.rule === 'slow-dependency') return finding;
  const inside = finding.sentence.replace(/^(The|Version|One|No|Connections|A|Requests|Outlier|Time) /, (word) =>
    word.toLowerCase(),
  );
  return { ...finding, sentence: `${edgeTitle(first)} suffers from below: ${inside}` };
};

/** At most three lines. That the alert's edge fails as it always did is one of them: nobody should look for what changed an hour ago. */
const notNew = ({ top }: Scene, evidence: readonly string[]): readonly string[] => {
  const { sickPast } = top.reading;
  if (sickPast === undefined) return evidence.slice(0, 3);
  const what = (failedBefore(top.reading) ?? 0) >= sickFrom ? 'failed' : 'were refused';
  return [...evidence.slice(0, 2), `not new: ${percent(sickPast)} ${what} before too, as far back as it was measured`];
};

/** What flags are looked for, and the rules that find the like without them: none of these may stand beside "no such thing". */
const looked: readonly { readonly text: string; readonly flags: readonly string[]; readonly unless: readonly string[] }[] = [
  { text: 'no timeouts (UT)', flags: ['UT'], unless: ['duration-limit', 'proxy-answered'] },
  { text: 'no full limits (UO)', flags: ['UO'], unless: [] },
  { text: 'no missing endpoints (UH)', flags: ['UH'], unless: ['outlier-ejection'] },
  {
    text: 'no connection failures (UF, UC, UR)',
    flags: ['UF', 'UC', 'UR'],
    unless: ['mtls-failure', 'tcp-failure', 'cut-response'],
  },
  { text: 'no missing routes (NR, NC)', flags: ['NR', 'NC'], unless: ['no-route'] },
];

/** What was looked at and is not it, at either end. */
const ruledOutBy = (scene: Scene, rule: string | null): readonly string[] => {
  if (leading(scene.judged) === null) return [];
  const isAbsent = (flags: readonly string[]): boolean =>
    withFlag(scene, 'caller', ...flags) + withFlag(scene, 'callee', ...flags) < 1;
  return [
    ...looked
      .filter(
        ({ flags, unless }) => printsFlags(scene.evidence.mesh) && isAbsent(flags) && !(rule !== null && unless.includes(rule)),
      )
      .map(({ text }) => text),
    ...(scene.judged.mode !== 'errors' ? ['no errors beyond the usual'] : []),
    ...(isSlow(scene) ? [] : ['no slowness beyond the usual']),
  ];
};

const without = (ruledOut: readonly string[]): string =>
  ruledOut.length === 0 ? '' : `; ruled out: ${ruledOut.slice(0, 3).join(', ')}`;

/** Why an edge is known and its figures are not: a source that failed and an edge without series are two different answers. */
const withoutFigures = (edge: Edge, gaps: readonly Gap[]): string => {
  const lost = gaps.find(({ what }) => what === 'golden signals') ?? gaps[0];
  return lost === undefined
    ? `No series for ${edgeTitle(edge)}: not scraped, renamed, or never called`
    : `No figures for ${edgeTitle(edge)}: ${lost.source} ${lost.detail}`;
};

/** What is known of a handful of failures: how many, and what was usual; no more. */
const fewText = ({ x, n, hasPast, usual }: ReporterJudgement['errors'], things: string): string =>
  `${count(x)} of ${count(n)} ${things} failed${hasPast ? ` (usually ${percent(usual)})` : ''}: too few to judge`;

/** Why the callee, or what stands before it, takes no such requests. */
const refusedText = (scene: Scene, side: ReporterJudgement): string => {
  const code = eitherRefusal(scene, side.reporter, side.clientErrors.x);
  return code === null
    ? `${scene.caller} asks for what ${scene.callee} does not give`
    : `${scene.callee} or its proxy refuses them (HTTP ${code})`;
};

/** What can be said when no rule finds anything: counts first, and why no more. */
const withoutVerdict = (scene: Scene, ruledOut: readonly string[]): string => {
  const side = leading(scene.judged);
  const name = calleeName(scene.edge);
  const things = `${nounOf(scene.judged.reading)}s`;
  if (side === null) return withoutFigures(scene.edge, scene.evidence.gaps);
  const { n, x, hasPast, ratio, usual, isElevated } = side.errors;
  const way = side.traffic === 'vanished' ? wayUp(scene.top.reading.edge, scene.evidence.readings, 'vanished') : null;
  const [sick] = [...sickAround(scene), ...(way?.sick ?? [])];
  const meanwhile = sick === undefined ? '' : `; ${edgeTitle(sick)} is sick meanwhile, and who fails early makes no later call`;
  if (side.traffic === 'vanished')
    return `${n < 1 ? 'No' : 'Hardly any'} ${things} reach ${name} any more from ${scene.caller}: ${count(n)} in this window${meanwhile}`;
  if (!isElevated && isHalved(scene.judged))
    return `${scene.caller} sends ${name} less than half of its usual ${things}: ${flowText(scene, flowOf(scene.judged.reading))}${meanwhile}`;
  const rose = side.clientErrors;
  if (!isElevated && rose.isElevated)
    return `${count(rose.x)} of ${count(n)} ${things} to ${name} ended with client errors (4xx), usually ${percent(rose.usual)}: ${refusedText(scene, side)}`;
  if (n < 1) return `No ${things} from ${scene.caller} to ${name} in this window`;
  if (x > 0 && x < 5) return fewText(side.errors, things);
  const before = failedBefore(scene.judged.reading);
  if (!hasPast)
    return `${count(x)} of ${count(n)} ${things} failed; ${before === null ? 'this edge has no history to compare with' : `before it were ${percent(before)}, so this is not new`}`;
  if (isElevated)
    return `${count(x)} of ${count(n)} ${things} to ${name} failed, of mixed causes (${badAt(scene, 'callee') > 0 ? 'both proxies see them' : `only ${proxyOf(scene, 'caller')} sees them`})${without(ruledOut)}`;
  if (isUnproven(side.errors))
    return `${count(x)} of ${count(n)} ${things} failed (${percent(ratio)}, usually ${percent(usual)}): more than usual, but ${whyUnproven(side.errors)}`;
  return `${count(x)} of ${count(n)} ${things} failed (${percent(ratio)}): nothing beyond the usual${without(ruledOut)}`;
};

const unmeasured = ({ subject, pending, located, gaps }: Evidence): string => {
  if (pending.length > 0) return `Still asking ${pending.join(', ')}`;
  if (subject.kind === 'no-data') return 'The metric behind this alert is missing; nothing can be said about the edge';
  if (subject.kind === 'low-traffic') return 'An alert about low traffic over many edges; no edge is named';
  if (subject.kind === 'control-plane') return `The control plane needs a look: ${subject.component}`;
  if (subject.kind === 'plain') return subject.why;
  const edge = edgeOf(subject);
  return edge === null ? located.how : withoutFigures(edge, gaps);
};

/** What every rule makes of the end of the way. */
const findingsOf = (scene: Scene): readonly Finding[] => {
  const isBare = isTcp(scene.judged.reading);
  return rules.flatMap(({ name, find, readsConnections }): readonly Finding[] => {
    const finding = isBare && readsConnections !== true ? null : find(scene);
    return finding === null ? [] : [{ rule: name, at: scene.edge, ...finding }];
  });
};

/**
 * A finding that stands, as it is told: with what the worst trace adds, in three lines, and with whom it matters to. Which findings there are
 * and how they rank is settled before, by metrics alone: a trace is one request.
 */
const told =
  (scene: Scene) =>
  (found: Finding): Finding => {
    const traced = { ...found, ...rules.find(({ name }) => name === found.rule)?.told?.(scene, found) };
    return inContext({ ...traced, evidence: notNew(scene, traced.evidence) }, scene);
  };

type Place = { readonly scene: Scene; readonly found: readonly Finding[] };

/**
 * The deepest edge of the way of which a rule says something; its end where none does. The walk may go one hop too far on what turns out to be
 * too little, and what is known above must not be lost by it. Proxies' counters were asked at the end only.
 */
const placeOf = (evidence: Evidence): Place | null => {
  const end = evidence.readings.length > 0 ? sceneOf(evidence) : null;
  if (end === null) return null;
  const last: Place = { scene: end, found: findingsOf(end) };
  let place = last;
  for (let length = evidence.path.length - 1; place.found.length === 0 && length > 0; length -= 1) {
    const scene = sceneOf({ ...evidence, path: evidence.path.slice(0, length), proxyCounters: got([]) });
    if (scene !== null) place = { scene, found: findingsOf(scene) };
  }
  return place.found.length > 0 ? place : last;
};

/** What the evidence means. Pure: the same evidence gives the same diagnosis. */
export const diagnose = (evidence: Evidence): Diagnosis => {
  const place = placeOf(evidence);
  if (place === null) {
    return {
      verdict: null,
      summary: unmeasured(evidence),
      findings: [],
      notes: notesOf(evidence),
      ruledOut: [],
      signals: [],
      flags: [],
      impact: null,
      changes: rankChanges(evidence, null, false),
    };
  }
  const { scene } = place;
  const findings = ranked(place.found).map(told(scene));
  const verdict = findings[0] ?? null;
  const ruledOut = ruledOutBy(scene, verdict?.rule ?? null);
  return {
    verdict,
    summary: verdict?.sentence ?? withoutVerdict(scene, ruledOut),
    findings,
    notes: notesOf(evidence),
    ruledOut: verdict === null ? ruledOut : ruledOut.filter((text) => !/beyond the usual/.test(text)),
    signals: signalLines(evidence, scene.top),
    flags: flagLines(scene),
    impact: impactOf(evidence),
    changes: rankChanges(evidence, scene, verdict?.rule === 'one-version-bad'),
  };
};
