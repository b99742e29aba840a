import { vegaRenderer } from '../adapters/vega/renderer.ts';
import type { Config } from '../config.ts';
import type { Trace, TraceAnalysis } from '../domain/trace.ts';
import { traceSentence } from '../domain/trace-sentence.ts';
import { clean } from '../stages/compose/mrkdwn.ts';
import { servicesOf, type TraceJson, traceJson } from '../stages/compose/trace-json.ts';
import { traceText } from '../stages/compose/trace-text.ts';
import { waterfallPicture } from '../stages/draw/waterfall/picture.ts';
import { analyse } from '../stages/follow/analyse.ts';
import { isNamedIn } from '../stages/follow/focus.ts';
import { orderTrace } from '../stages/follow/order.ts';
import { partLabels } from '../stages/follow/words.ts';
import { openFolder } from './inputs.ts';
import { writeInto } from './output.ts';
import { type AskedEdge, readEdge } from './trace-edge.ts';
import { readTraceInput, type TraceInput } from './trace-input.ts';
import { jsonText, print, UsageError } from './usage.ts';

const maxPictures = 10;
const drawMs = 10_000;
const mostNamed = 20;

type TraceOptions = {
  readonly edge?: string;
  readonly cluster?: string;
  readonly json?: boolean;
  readonly out?: string;
};

type Explained = {
  readonly trace: Trace;
  readonly analysis: TraceAnalysis;
  readonly sentence: string;
  readonly json: TraceJson;
};

const explained = (trace: Trace, asked: AskedEdge | null): Explained | null => {
  const readings = asked === null ? [null] : asked.readings(trace);
  // A caller that nothing in the trace names cannot be told from any other.
  const named = readings.filter((edge) => edge === null || isNamedIn(trace.spans, edge.source));
  const [analysis] = named.flatMap((edge) => analyse(trace, edge, []) ?? []);
  if (analysis === undefined) return null;
  const sentence = traceSentence(trace, analysis, asked?.edge ?? null);
  return { trace, analysis, sentence, json: traceJson(trace, analysis, sentence) };
};

/** Ends with 1: the words were understood, and there is nothing to show. */
const sayNothing = (words: string): void => {
  process.stderr.write(`${words}\n`);
  process.exitCode = 1;
};

const withoutEdge = (traces: readonly Trace[], { title }: AskedEdge): string => {
  const services = [...new Set(traces.flatMap(servicesOf))].sort().map((name) => clean(name, 80));
  const named = services.slice(0, mostNamed).join(', ');
  const more = services.length > mostNamed ? ` and ${services.length - mostNamed} more` : '';
  const where = traces.length === 1 ? 'the trace' : `any of the ${traces.length} traces`;
  return `${clean(title)} is not in ${where}; services there: ${named}${more}`;
};

const complain = (what: string, error: unknown): void => {
  process.stderr.write(`${what}: ${error instanceof Error ? error.message : String(error)}\n`);
};

/** Draws the first of the traces, one after the other; gives the words for those who do not see them. Text never fails for want of a picture. */
const drawAll = async (folder: string, all: readonly Explained[], store: string): Promise<readonly string[]> => {
  const said: string[] = [];
  const charts = await vegaRenderer({ environment: process.env, deadlineMs: drawMs }).catch((error: unknown) =>
    complain('no picture', error),
  );
  if (!charts) return said;
  try {
    for (const { trace, analysis, sentence } of all.slice(0, maxPictures)) {
      const name = all.length === 1 ? 'waterfall.png' : `waterfall-${trace.id}.png`;
      try {
        const { png, altText } = await charts.draw(waterfallPicture({ trace, analysis, sentence: clean(sentence, 400), store }));
        writeInto(folder, name, png);
        said.push(`${name}: ${clean(altText, 1000)}`);
      } catch (error) {
        if (error instanceof UsageError) throw error;
        complain(`no ${name}`, error);
      }
    }
  } finally {
    await charts.close();
  }
  return all.length > maxPictures ? [...said, `Drawn are the first ${maxPictures} of ${all.length} traces.`] : said;
};

/** All that is to be said of them, as text or as JSON; with JSON standard output is for the machine. */
const say = (all: readonly Explained[], json: string, asked: AskedEdge | null, { footer }: TraceInput, isJson: boolean): void => {
  const footers = all.map((one) => footer(one));
  if (isJson) {
    print(json);
    for (const line of footers.flat()) process.stderr.write(`${line}\n`);
    return;
  }
  const texts = all.map(({ trace, analysis, sentence }, index) =>
    [traceText(trace, analysis, sentence, partLabels(trace, asked?.edge ?? null)), ...(footers[index] ?? [])].join('\n'),
  );
  print(texts.join(`\n\n${'─'.repeat(40)}\n\n`));
};

/** `edgewise trace`, of a file or an id; the settings are read only where a store is asked. */
export const traceCommand = async (given: string, options: TraceOptions, settings: () => Config): Promise<void> => {
  const asked = options.edge === undefined ? null : readEdge(options.edge);
  const input = await readTraceInput(given, options.cluster, settings);
  if ('none' in input) return sayNothing(input.none);
  const traces = input.traces.map(orderTrace);
  if (traces.length === 0) return sayNothing(`${input.name}: no trace in it`);
  const all = traces.flatMap((trace) => explained(trace, asked) ?? []);
  if (all.length === 0) return sayNothing(asked === null ? `${input.name}: no span in it` : withoutEdge(traces, asked));
  const folder = options.out === undefined ? null : openFolder(options.out);
  const json = jsonText(traces.length === 1 ? all[0]?.json : all.map((one) => one.json));
  say(all, json, asked, input, options.json === true);
  if (asked !== null && all.length < traces.length)
    process.stderr.write(`${clean(asked.title)} is in ${all.length} of ${traces.length} traces\n`);
  if (folder === null) return;
  writeInto(folder, 'trace.json', `${json}\n`);
  const said = await drawAll(folder, all, input.source);
  for (const line of said) options.json ? process.stderr.write(`${line}\n`) : print(`\n${line}`);
};
