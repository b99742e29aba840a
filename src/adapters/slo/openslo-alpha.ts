import { ppmOfRatio } from '../../domain/slo/objective.ts';
import type { Sli, SloWindow } from '../../domain/slo.ts';
import { readName, readTemplate, readWords, sliOfQueries } from './fields.ts';
import { type Found, fieldsOf, type SloSettings, type Teller, tellerOf, textAt, valueAt } from './found.ts';

const queryOf = (teller: Teller, metric: unknown, at: string): string | null => {
  const [source, language] = [textAt(metric, 'source'), textAt(metric, 'queryType')];
  if (source !== null && source !== 'prometheus' && source !== 'sloth')
    return teller.refuse(`${at}.source`, source, 'prometheus or sloth');
  if (language !== null && language !== 'promql') return teller.refuse(`${at}.queryType`, language, 'promql');
  return readTemplate(teller, `${at}.query`, textAt(metric, 'query'));
};

const sliOf = (teller: Teller, objective: unknown, at: string): Sli | null => {
  const metrics = valueAt(objective, ['ratioMetrics']);
  if (fieldsOf(metrics).size === 0) return teller.refuse(`${at}.ratioMetrics`, undefined, 'good and total');
  const good = queryOf(teller, valueAt(metrics, ['good']), `${at}.ratioMetrics.good`);
  const total = queryOf(teller, valueAt(metrics, ['total']), `${at}.ratioMetrics.total`);
  return good === null || total === null ? null : sliOfQueries('good', good, total);
};

/** Without one it is Sloth's period. */
const windowOf = (teller: Teller, spec: unknown, { slothPeriodDays }: SloSettings): SloWindow | null => {
  const windows = valueAt(spec, ['timeWindows']);
  if (windows === undefined) return { kind: 'rolling', days: slothPeriodDays };
  const [count, unit] = [textAt(windows, 0, 'count'), textAt(windows, 0, 'unit')];
  const days = Number(count) * (unit?.toLowerCase() === 'day' ? 1 : Number.NaN);
  return Number.isInteger(days) && days >= 1 && days <= 366
    ? { kind: 'rolling', days }
    : teller.refuse('spec.timeWindows[0]', `${count} ${unit}`, 'days, at most 366, by count and unit: Day');
};

/**
 * An SLO of `openslo/v1alpha`, as Sloth reads it: queries with `{{.window}}`, and for each objective one of Sloth's, whose id is service,
 * name and number from 0 (slok/sloth, internal/storage/io/openslo.go).
 */
export const readOpenSloAlpha = (found: Found, file: string, value: unknown, settings: SloSettings): void => {
  const own = textAt(value, 'metadata', 'name');
  const teller = tellerOf(found, 'OpenSLO', file, own);
  const spec = valueAt(value, ['spec']);
  const service = readWords(teller, 'spec.service', textAt(spec, 'service'));
  const method = textAt(spec, 'budgetingMethod');
  if (method !== null && method !== 'Occurrences') teller.refuse('spec.budgetingMethod', method, 'Occurrences');
  const window = windowOf(teller, spec, settings);
  const objectives = valueAt(spec, ['objectives']);
  if (!Array.isArray(objectives) || objectives.length === 0)
    teller.refuse('spec.objectives', objectives, 'at least one objective');
  for (const [index, objective] of (Array.isArray(objectives) ? objectives : []).entries()) {
    const at = `spec.objectives[${index}]`;
    const target = textAt(objective, 'target');
    const objectivePpm =
      (target === null ? null : ppmOfRatio(target)) ?? teller.refuse(`${at}.target`, target, 'a ratio, such as 0.999');
    const sli = sliOf(teller, objective, at);
    const name = readName(teller, 'metadata.name', own === null ? null : `${service ?? ''}-${own}-${index}`.replace(/^-/, ''));
    if (name === null || service === null || window === null || objectivePpm === null || sli === null) continue;
    if (method !== null && method !== 'Occurrences') continue;
    const about = { kind: 'named', service } as const;
    const rest = { cluster: null, owner: null, channel: null, origin: { format: 'OpenSLO', file } } as const;
    found.slos.push({ name, about, sli, objectivePpm, window, ...rest });
  }
};
