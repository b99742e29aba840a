import { readEdgewise } from './edgewise.ts';
import { type Found, fieldsOf, inWords, type SloFiles, type SloSettings, tellerOf, textAt } from './found.ts';
import { type Indicators, indicatorIn, readOpenSlo } from './openslo.ts';
import { readOpenSloAlpha } from './openslo-alpha.ts';
import { readPyrra } from './pyrra.ts';
import { readSloth, readSlothObject } from './sloth.ts';
import { documentsOf } from './yaml.ts';

/** The text of a file, under the name that people know it by. */
export type SloText = { readonly file: string; readonly text: string };

const formats =
  'SLOs of Edgewise (edgewise: slos/v1), Sloth (version: prometheus/v1, or PrometheusServiceLevel), Pyrra (pyrra.dev/v1alpha1) or OpenSLO (openslo/v1)';

const noRules =
  'no rules: what those of Sloth, Pyrra and Grafana SLO record is found by itself; name the file that they were made of';

const isOpenSlo = (version: string): boolean => /^openslo(\.com)?\/v1$/.test(version);

type Reader = (found: Found, file: string, value: unknown, settings: SloSettings, indicators: Indicators) => void;

const readObject: Reader = (found, file, value, settings, indicators) => {
  const [version, kind, name] = [textAt(value, 'apiVersion') ?? '', textAt(value, 'kind'), textAt(value, 'metadata', 'name')];
  if (version === 'sloth.slok.dev/v1' && kind === 'PrometheusServiceLevel') return readSlothObject(found, file, value, settings);
  if (version === 'pyrra.dev/v1alpha1' && kind === 'ServiceLevelObjective') return readPyrra(found, file, value);
  if (isOpenSlo(version) && kind === 'SLO') return readOpenSlo(found, file, value, indicators);
  if (version === 'openslo/v1alpha' && kind === 'SLO') return readOpenSloAlpha(found, file, value, settings);
  if (/^openslo(\.com)?\/v2/.test(version))
    return void tellerOf(found, 'OpenSLO', file, name).refuse('apiVersion', version, 'openslo/v1: version 2 is no standard yet');
  // What belongs to an objective and is none: alert conditions, services, data sources, alert windows.
  if (isOpenSlo(version) || version === 'sloth.slok.dev/v1')
    return kind === 'SLI'
      ? undefined
      : tellerOf(found, null, file, name).notice(`${kind ?? 'an object'} is no objective: it is left alone`);
  const expected = kind === 'PrometheusRule' ? noRules : formats;
  tellerOf(found, null, file, name).refuse('apiVersion', [version, kind].filter(Boolean).join(' ') || undefined, expected);
};

/** Which format a document is in is told by what it holds. */
const readDocument: Reader = (found, file, value, settings, indicators) => {
  const given = fieldsOf(value);
  if (given.has('edgewise')) return readEdgewise(found, file, value, settings);
  if (textAt(value, 'version') === 'prometheus/v1') return readSloth(found, file, value, settings);
  if (given.has('apiVersion')) return readObject(found, file, value, settings, indicators);
  const teller = tellerOf(found, null, file, null);
  if (given.has('version')) return void teller.refuse('version', given.get('version'), formats);
  const keys = [...given.keys()].slice(0, 5).map((key) => JSON.stringify(key.slice(0, 40)));
  teller.refuse(
    'file',
    inWords(keys.length === 0 ? 'no mapping' : `a mapping of ${keys.join(', ')}`),
    given.has('groups') ? noRules : formats,
  );
};

/** A list may hold the same hundreds of times: once is enough to know. */
const onceEach = <T>(told: readonly T[]): readonly T[] => [...new Map(told.map((one) => [JSON.stringify(one), one])).values()];

/** The first of each name stays; names are what people say, and what is stored. */
const withoutTwins = ({ slos, refused, notices }: Found): SloFiles => {
  const first = new Map<string, string>();
  const twins: SloFiles['refused'][number][] = [];
  const kept = slos.filter(({ name, origin }) => {
    const other = first.get(name);
    if (other === undefined) first.set(name, origin.file ?? '');
    else {
      const expected = `a name of its own: ${other} has one of that name`;
      twins.push({ format: origin.format, file: origin.file ?? '', name, field: 'name', given: JSON.stringify(name), expected });
    }
    return other === undefined;
  });
  return { slos: kept, refused: onceEach([...refused, ...twins]), notices: onceEach(notices) };
};

/** Reads the objectives of all files together, since they may speak of each other. Never throws: what is wrong is refused in words. */
export const readSloFiles = (files: readonly SloText[], settings: SloSettings): SloFiles => {
  const found: Found = { slos: [], refused: [], notices: [] };
  const read = files.flatMap(({ file, text }) => {
    const yaml = documentsOf(text);
    if (!yaml.ok)
      found.refused.push({ format: null, file, name: null, field: 'file', given: yaml.given, expected: yaml.expected });
    return yaml.ok ? yaml.documents.map((value) => ({ file, value })) : [];
  });
  const indicators = new Map(read.flatMap(({ value }) => indicatorIn(value)));
  for (const { file, value } of read) readDocument(found, file, value, settings, indicators);
  return withoutTwins(found);
};
