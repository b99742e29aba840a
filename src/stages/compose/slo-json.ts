import { objectiveText } from '../../domain/slo/objective.ts';
import { windowText } from '../../domain/slo/window.ts';
import { sliText, subjectText } from '../../domain/slo/words.ts';
import type { SloAnswer } from './slo-answer.ts';
import { burnWindowText } from './slo-words.ts';

const moment = (atMs: number | null): string | null => {
  if (atMs === null) return null;
  // biome-ignore lint/style/noRestrictedGlobals: a moment is written, no clock is asked
  return new Date(atMs).toISOString();
};

/** One objective for machines: every figure with its unit in its name, nothing rounded. */
export const sloJson = ({ reading, standing, spenders }: SloAnswer) => {
  const { slo, whole } = reading;
  return {
    name: slo.name,
    about: subjectText(slo.about),
    counted: sliText(slo.sli),
    objective: objectiveText(slo.objectivePpm),
    objectivePpm: slo.objectivePpm,
    window: windowText(slo.window),
    owner: slo.owner,
    cluster: slo.cluster,
    definedIn: slo.origin.file,
    at: moment(reading.atMs),
    from: moment(reading.period.startMs),
    state: standing.state,
    errorRatio: whole?.ratio ?? null,
    events: whole?.events ?? null,
    budgetLeftRatio: standing.left,
    badEventsLeft: standing.badLeft,
    burnRates: Object.fromEntries([...standing.burn].map(([window, burn]) => [burnWindowText(window), burn])),
    burning: standing.burning?.severity ?? null,
    exhaustedAt: moment(standing.exhaustedAtMs),
    coverageRatio: reading.coverage,
    method: reading.method,
    reporter: reading.reporter,
    spenders: spenders.map(({ caller, ending, version, bad, share, mostly, incidents }) => ({
      caller: caller?.workload ?? caller?.service ?? null,
      ending,
      version,
      badEvents: bad,
      share,
      mostlyFrom: moment(mostly?.startMs ?? null),
      mostlyUntil: moment(mostly?.endMs ?? null),
      incidents: incidents.map(({ id }) => id),
    })),
    gaps: reading.gaps,
  };
};
