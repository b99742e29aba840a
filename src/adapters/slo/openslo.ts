import { ppmOfRatio } from '../../domain/slo/objective.ts';
import type { Sli } from '../../domain/slo.ts';
import { percentExpected, percentOf, readName, readWords } from './fields.ts';
import { type Found, fieldsOf, inWords, type Teller, tellerOf, textAt, valueAt } from './found.ts';
import { readIndicator } from './openslo-sli.ts';
import { readWindow } from './openslo-window.ts';

/** Indicators of their own, by name: any file may hold them. */
export type Indicators = ReadonlyMap<string, { readonly spec: unknown }>;

/** What OpenSLO calls an SLI of its own, where a document is one. */
export const indicatorIn = (value: unknown): readonly (readonly [string, { readonly spec: unknown }])[] => {
  const name = textAt(value, 'metadata', 'name');
  return textAt(value, 'kind') === 'SLI' && name !== null ? [[name, { spec: valueAt(value, ['spec']) }]] : [];
};

/** Why others are refused: they ask how many minutes were good, and to be answered right each minute must be asked for. */
const methods: Readonly<Record<string, string>> = {
  Timeslices: 'Occurrences: Timeslices counts good minutes, not good events',
  RatioTimeslices: 'Occurrences: RatioTimeslices is the mean of minutes, in which a quiet one weighs as much as a busy one',
};

const isOccurrences = (teller: Teller, spec: unknown): boolean => {
  const method = textAt(spec, 'budgetingMethod');
  if (method === null || method === 'Occurrences') return true;
  teller.refuse('spec.budgetingMethod', method, (Object.hasOwn(methods, method) ? methods[method] : undefined) ?? 'Occurrences');
  return false;
};

/** `target` is a ratio, `targetPercent` a percentage; both may be numbers or text. */
const readTarget = (teller: Teller, objective: unknown, at: string): number | null => {
  const [target, percent] = [textAt(objective, 'target'), textAt(objective, 'targetPercent')];
  if (target !== null && percent !== null) return teller.refuse(at, inWords('both target and targetPercent'), 'one of the two');
  if (percent !== null) return percentOf(percent) ?? teller.refuse(`${at}.targetPercent`, percent, percentExpected);
  const ppm = target === null ? null : ppmOfRatio(target);
  return (
    ppm ??
    teller.refuse(
      `${at}.target`,
      target,
      'a ratio above 0 and below 1 with at most six decimals, such as 0.999; a percentage is targetPercent',
    )
  );
};

const sliOf = (teller: Teller, spec: unknown, indicators: Indicators): Sli | null => {
  const ref = textAt(spec, 'indicatorRef');
  if (ref === null) return readIndicator(teller, valueAt(spec, ['indicator', 'spec']), 'spec.indicator.spec');
  const known = indicators.get(ref);
  return known === undefined
    ? teller.refuse('spec.indicatorRef', ref, 'the name of an SLI in these files')
    : readIndicator(teller, known.spec, `SLI ${ref}: spec`);
};

const composite = 'indicatorRef or indicator of an objective';

const objectivesOf = (teller: Teller, spec: unknown): readonly unknown[] | null => {
  const objectives = valueAt(spec, ['objectives']);
  if (!Array.isArray(objectives) || objectives.length === 0)
    return teller.refuse('spec.objectives', objectives, 'at least one objective');
  const isComposite = objectives.some((one) =>
    ['indicator', 'indicatorRef', 'compositeWeight'].some((key) => fieldsOf(one).has(key)),
  );
  return isComposite
    ? teller.refuse(
        'spec.objectives',
        inWords(composite),
        'one indicator for the whole: objectives that are put together of several are not counted',
      )
    : objectives;
};

/** OpenSLO's labels may be lists; osko writes its own. */
const ownerOf = (value: unknown): string | null => {
  const labels = fieldsOf(valueAt(value, ['metadata', 'labels']));
  const [team] = [labels.get('team'), labels.get('label.osko.dev/team')].flat().filter((one) => typeof one === 'string');
  return typeof team === 'string' && team.trim() !== '' ? team : null;
};

/** An SLO of `openslo/v1` or `openslo.com/v1` (OpenSLO/OpenSLO, README). Several objectives become several, numbered from 1. */
export const readOpenSlo = (found: Found, file: string, value: unknown, indicators: Indicators): void => {
  const given = textAt(value, 'metadata', 'name');
  const teller = tellerOf(found, 'OpenSLO', file, given);
  const spec = valueAt(value, ['spec']);
  const name = readName(teller, 'metadata.name', given);
  const service = readWords(teller, 'spec.service', textAt(spec, 'service'));
  const isCounted = isOccurrences(teller, spec);
  const window = readWindow(teller, spec);
  const sli = sliOf(teller, spec, indicators);
  const objectives = objectivesOf(teller, spec);
  const team = ownerOf(value);
  const owner = team === null ? null : readWords(teller, 'metadata.labels.team', team);
  const targets = (objectives ?? []).map((one, index) => readTarget(teller, one, `spec.objectives[${index}]`));
  if (name === null || service === null || !isCounted || window === null || sli === null) return;
  for (const [index, objectivePpm] of targets.entries())
    if (objectivePpm !== null)
      found.slos.push({
        name: targets.length === 1 ? name : `${name}-${index + 1}`,
        about: { kind: 'named', service },
        sli,
        objectivePpm,
        window,
        cluster: null,
        owner,
        channel: null,
        origin: { format: 'OpenSLO', file },
      });
};
