import type { Sli, SloSubject } from '../../domain/slo.ts';
import { readName, readPercent, readTemplate, readWords, sliOfQueries } from './fields.ts';
import { type Found, fieldsOf, inWords, type SloSettings, type Teller, tellerOf, textAt, valueAt } from './found.ts';
import { readPlugin } from './sloth-plugins.ts';

/** Names of fields that differ between Sloth's two forms: its own file, and the object of Kubernetes. */
type Spelling = {
  readonly errors: string;
  readonly total: string;
  readonly ratio: string;
  readonly plugins: string;
  /** What paths of fields begin with. */
  readonly at: string;
};

const file: Spelling = {
  errors: 'error_query',
  total: 'total_query',
  ratio: 'error_ratio_query',
  plugins: 'slo_plugins',
  at: '',
};
const object: Spelling = {
  errors: 'errorQuery',
  total: 'totalQuery',
  ratio: 'errorRatioQuery',
  plugins: 'sloPlugins',
  at: 'spec.',
};

const idsOf = (chain: unknown): readonly string[] =>
  Array.isArray(chain) ? chain.map((plugin) => textAt(plugin, 'id') ?? '').filter((id) => id !== '') : [];

/** Plugins that make other rules of an objective than Sloth itself: of these one changes what is counted. */
const isCounted = (teller: Teller, spec: unknown, slo: unknown, { plugins, at }: Spelling): boolean => {
  const ids = [...idsOf(valueAt(spec, [plugins, 'chain'])), ...idsOf(valueAt(slo, ['plugins', 'chain']))];
  const corrected = ids.find((id) => id.includes('denominator_corrected'));
  if (corrected !== undefined)
    teller.refuse(
      `${at}${plugins}`,
      corrected,
      'no corrected denominator: it weighs each window by traffic of the whole period, which Edgewise does by counting',
    );
  return corrected === undefined;
};

type Read = { readonly sli: Sli; readonly about: SloSubject | null };

const eventsOf = (teller: Teller, events: unknown, { errors, total }: Spelling): Read | null => {
  const bad = readTemplate(teller, `sli.events.${errors}`, textAt(events, errors));
  const all = readTemplate(teller, `sli.events.${total}`, textAt(events, total));
  if (bad === null || all === null) return null;
  const sli = sliOfQueries('bad', bad, all);
  if (sli.kind === 'ratio-query') teller.notice('its queries give no number of events: only their ratio is used');
  return { sli, about: null };
};

const sliOf = (teller: Teller, slo: unknown, spelling: Spelling, settings: SloSettings): Read | null => {
  const given = fieldsOf(valueAt(slo, ['sli']));
  const ways = ['events', 'raw', 'plugin'].filter((way) => fieldsOf(given.get(way)).size > 0);
  if (ways.length !== 1)
    return teller.refuse('sli', ways.length === 0 ? undefined : inWords(ways.join(' and ')), 'one of events, raw and plugin');
  if (ways[0] === 'events') return eventsOf(teller, given.get('events'), spelling);
  if (ways[0] === 'raw') {
    const { ratio } = spelling;
    const errorRatio = readTemplate(teller, `sli.raw.${ratio}`, textAt(given.get('raw'), ratio));
    return errorRatio === null ? null : { sli: { kind: 'ratio-query', errorRatio }, about: null };
  }
  const plugged = readPlugin(teller, given.get('plugin'), settings);
  return plugged === null ? null : { sli: plugged.sli, about: { kind: 'service', callee: plugged.callee } };
};

const ownerOf = (spec: unknown, slo: unknown): string | null => {
  const labels = [slo, spec].map((one) => valueAt(one, ['labels']));
  return labels.map((one) => textAt(one, 'owner') ?? textAt(one, 'team')).find((owner) => owner !== null) ?? null;
};

const readOne = (
  found: Found,
  path: string,
  spec: unknown,
  slo: unknown,
  index: number,
  spelling: Spelling,
  settings: SloSettings,
): void => {
  const service = textAt(spec, 'service');
  const own = textAt(slo, 'name');
  // Sloth's id of an objective, which the series that it records carry as `sloth_id`.
  const id = service === null || own === null ? null : `${service}-${own}`;
  const teller = tellerOf(found, 'Sloth', path, id ?? own ?? `${spelling.at}slos[${index}]`);
  const name = readName(teller, service === null ? 'service' : 'name', id);
  const read = isCounted(teller, spec, slo, spelling) ? sliOf(teller, slo, spelling, settings) : null;
  const objectivePpm = readPercent(teller, 'objective', textAt(slo, 'objective'));
  const given = ownerOf(spec, slo);
  const owner = given === null ? null : readWords(teller, 'labels.owner', given);
  if (name === null || read === null || objectivePpm === null || service === null) return;
  found.slos.push({
    name,
    about: read.about ?? { kind: 'named', service },
    sli: read.sli,
    objectivePpm,
    window: { kind: 'rolling', days: settings.slothPeriodDays },
    cluster: null,
    owner,
    channel: null,
    origin: { format: 'Sloth', file: path },
  });
};

const readSpec = (found: Found, path: string, spec: unknown, spelling: Spelling, settings: SloSettings): void => {
  const slos = valueAt(spec, ['slos']);
  if (!Array.isArray(slos) || slos.length === 0)
    tellerOf(found, 'Sloth', path, textAt(spec, 'service')).refuse(`${spelling.at}slos`, slos, 'at least one objective');
  else for (const [index, slo] of slos.entries()) readOne(found, path, spec, slo, index, spelling, settings);
};

/** Sloth's own file, `version: prometheus/v1` (slok/sloth, pkg/prometheus/api/v1). */
export const readSloth = (found: Found, path: string, value: unknown, settings: SloSettings): void =>
  readSpec(found, path, value, file, settings);

/** The same as an object of Kubernetes, PrometheusServiceLevel of `sloth.slok.dev/v1`. */
export const readSlothObject = (found: Found, path: string, value: unknown, settings: SloSettings): void =>
  readSpec(found, path, valueAt(value, ['spec']), object, settings);
