import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vegaRenderer } from '../adapters/vega/renderer.ts';
import { type Answer, answerTo } from '../answer.ts';
import type { Config } from '../config.ts';
import type { Evidence } from '../domain/evidence.ts';
import type { Picture, PictureSpec } from '../domain/message.ts';
import { reportJson } from '../stages/compose/json.ts';
import type { Setting } from '../stages/compose/setting.ts';
import { hero } from '../stages/draw/hero.ts';
import { waterfallPicture } from '../stages/draw/waterfall/picture.ts';
import { openCharts } from '../wiring.ts';
import { UsageError } from './usage.ts';

export type Output = Answer & { readonly report: ReturnType<typeof reportJson> };

/** An answer with its report for machines. */
export const withReport = (answer: Answer): Output => ({ ...answer, report: reportJson(answer) });

export const outputOf = (evidence: Evidence, setting: Setting): Output => {
  const answer = answerTo(evidence, setting);
  if (answer === null) throw new UsageError('the evidence holds no alert');
  return withReport(answer);
};

/** The golden signals, and the waterfall of the worst request where one was found. */
const specsOf = ({ evidence, diagnosis }: Output, config: Config | null): readonly PictureSpec[] => {
  const signals = hero({ evidence, diagnosis }, config?.timeZone ?? 'UTC');
  const tracing = evidence.tracing?.ok ? evidence.tracing.value : null;
  const waterfall =
    tracing === null || tracing.worst === null ? null : waterfallPicture({ ...tracing.worst, store: tracing.source });
  return [signals, waterfall].filter((spec) => spec !== null);
};

/** Text never fails for want of a picture. */
const picturesOf = async (output: Output, config: Config | null): Promise<readonly Picture[]> => {
  const specs = specsOf(output, config);
  if (specs.length === 0) return [];
  const withoutPicture = (error: unknown): null => {
    process.stderr.write(`no picture: ${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  };
  const charts =
    config === null
      ? await vegaRenderer({ environment: process.env, deadlineMs: 10_000 }).catch(withoutPicture)
      : await openCharts(config, process.env, (_level, _event, fields) => withoutPicture(fields?.['error']));
  if (charts === null) return [];
  const pictures = await Promise.all(specs.map((spec) => charts.draw(spec).catch(withoutPicture)));
  await charts.close();
  return pictures.filter((picture) => picture !== null);
};

/** Throws `UsageError`. */
export const writeInto = (folder: string, name: string, content: string | Uint8Array): void => {
  try {
    writeFileSync(join(folder, name), content);
  } catch (error) {
    throw new UsageError(`--out ${folder}: ${name} cannot be written (${(error as { code?: string }).code ?? 'unknown'})`);
  }
};

/** Writes one file of the answer with this number; the first has the plain name. */
const write = (folder: string, index: number, what: string, content: string | Uint8Array): void =>
  writeInto(folder, index === 0 ? what : what.replace(/(\.\w+)$/, `-${index + 1}$1`), content);

/** The report for machines and the message. */
export const writeTexts = (folder: string, { report, message }: Output, index: number): void => {
  write(folder, index, 'report.json', `${JSON.stringify(report, null, 2)}\n`);
  write(folder, index, 'slack.json', `${JSON.stringify(message, null, 2)}\n`);
};

/** Everything about one answer: evidence, texts, pictures. */
export const writeOutput = async (folder: string, output: Output, config: Config | null, index: number): Promise<void> => {
  write(folder, index, 'evidence.json', `${JSON.stringify(output.evidence, null, 1)}\n`);
  writeTexts(folder, output, index);
  for (const { name, png } of await picturesOf(output, config)) write(folder, index, `${name}.png`, png);
};
