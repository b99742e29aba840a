import { sloTexts } from '../adapters/slo/files.ts';
import type { Notice, Refusal, SloFiles } from '../adapters/slo/found.ts';
import { readSloFiles } from '../adapters/slo/read-files.ts';
import type { Config } from '../config.ts';
import { objectiveText } from '../domain/slo/objective.ts';
import { windowText } from '../domain/slo/window.ts';
import { sliText, subjectText } from '../domain/slo/words.ts';
import { type Slo, windowMark } from '../domain/slo.ts';
import { print } from './usage.ts';

const heads = ['NAME', 'ABOUT', 'OBJECTIVE', 'WINDOW', 'COUNTED', 'FROM'] as const;

const row = ({ name, about, objectivePpm, window, sli, origin }: Slo): readonly string[] => [
  name,
  subjectText(about),
  objectiveText(objectivePpm),
  windowText(window),
  sliText(sli),
  `${origin.format}, ${origin.file}`,
];

const table = (rows: readonly (readonly string[])[]): string => {
  const widths = heads.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
};

const placeOf = ({ file, name }: Notice | Refusal): string => `${file}${name === null ? '' : `, ${name}`}`;

/** What was refused, where, and what would be right. */
export const refusalText = (refusal: Refusal): string => {
  const { field, given, expected } = refusal;
  return `${placeOf(refusal)}${field === 'file' ? '' : `, ${field}`}: ${given === null ? 'is missing' : `is ${given}`}; expected ${expected}`;
};

const counted = (many: number, one: string): string => `${many} ${one}${many === 1 ? '' : 's'}`;

const text = ({ slos, refused, notices }: SloFiles): string =>
  [
    ...(slos.length === 0 ? [] : [table([heads, ...slos.map(row)]), '']),
    ...(notices.length === 0 ? [] : ['To know:', ...notices.map((notice) => `  ${placeOf(notice)}: ${notice.text}`), '']),
    ...(refused.length === 0 ? [] : ['Refused:', ...refused.map((refusal) => `  ${refusalText(refusal)}`), '']),
    `${counted(slos.length, 'objective')} understood, ${counted(refused.length, 'field')} refused`,
  ].join('\n');

/** Clusters that objectives name and the settings do not; where they say nothing of clusters, nobody knows. */
const strangers = ({ clusters }: Config, { slos }: SloFiles): readonly Refusal[] => {
  const known = clusters.map(({ name }) => name);
  return slos.flatMap(({ name, cluster, origin }) =>
    cluster === null || known.length === 0 || known.includes(cluster)
      ? []
      : [
          {
            ...{ format: origin.format, file: origin.file ?? '', name, field: 'cluster', given: JSON.stringify(cluster) },
            expected: `one of the clusters: ${known.join(', ')}`,
          },
        ],
  );
};

/** `edgewise slo check FILE…`: what files say, as Edgewise understands it, before it serves by them. Ends with 1 when anything is refused. */
export const sloCheckCommand = (config: Config, files: readonly string[], { json }: { readonly json?: boolean }): void => {
  const { texts, refused } = sloTexts(files);
  const read = readSloFiles(texts, config.sloSettings);
  const all = { ...read, refused: [...refused, ...read.refused, ...strangers(config, read)] };
  print(json ? JSON.stringify(all, null, 2).replaceAll(JSON.stringify(windowMark).slice(1, -1), '{{.window}}') : text(all));
  if (all.refused.length > 0) process.exitCode = 1;
};
