import { parseArgs } from 'node:util';
import { nearOf } from '../../../src/domain/near.ts';

export type LabOptions = {
  /** Names; empty: all. */
  readonly faults: readonly string[];
  /** Ten and a quiet one, as in every run of CI; one that goes wrong is tried once more, and without the usual Envoy it is skipped. */
  readonly isSlice: boolean;
  readonly slots: number;
  readonly isRecording: boolean;
  readonly isList: boolean;
  /** A version that the lab knows, or a path. */
  readonly envoy: string;
  /** Where results are saved as JSON; null: nowhere. */
  readonly out: string | null;
  /** Whether docs/truth.md is written though not all faults ran. */
  readonly isWriting: boolean;
  /** Results of an earlier run that the page is made of: nothing is run. */
  readonly page: string | null;
  /** Results under another Envoy, and figures of simulated meshes, for the page. */
  readonly other: string | null;
  readonly simulated: string | null;
  readonly firstIndex: number;
  /** Whether the proxies' spans are kept in a Zipkin that the bot may ask. */
  readonly hasTraces: boolean;
};

/** The version that is fetched where nobody names another. */
export const usualEnvoy = '1.40.0';

/** Words that were not understood, for the one who typed them. */
export class OptionsError extends Error {}

export const usage = `npm run lab [-- FAULT … | --slice] [--list --slots N --index N --envoy PATH|VERSION --no-traces --record --out FOLDER]
                [--write --other RESULTS.json --simulated FIGURES.json]
npm run lab -- --page RESULTS.json [--other RESULTS.json --simulated FIGURES.json]

Breaks a mesh of real Envoys in one way after the other, and compares what the bot says with what was done.
  FAULT …          these faults; all of them where none is named
  --slice          ten faults and a quiet case that CI runs, and no others; each is tried once more when it goes wrong, a wrong answer of a busy
                   machine is not judged, three of them fail; skipped where the usual Envoy cannot be had
  --list           the faults, and nothing else
  --slots N        meshes side by side (4; of the slice 3)
  --index N        loopback addresses of the first slot (0), where another lab runs beside
  --envoy          the program or its version (${usualEnvoy}); the variable EDGEWISE_ENVOY names a program that is taken instead of any version
  --no-traces      no Zipkin beside each mesh, which the bot asks: it takes a fifth of a processor each. Nor is there one beside the slice, nor where
                   there is no Java or no Maven, which the lab says
  --record         save the first message of each fault as a scenario that npm test replays
  --out FOLDER     save the results as results.json, after each fault
  --write          write docs/truth.md though not all faults ran
  --page FILE      make docs/truth.md from saved results, and run nothing
  --other FILE     results under another Envoy, for the page
  --simulated FILE figures of \`node test/lab/simulated.ts FILE\`, for the page: without them it has none
`;

const wholeNumber = (name: string, text: string, most: number): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > most) throw new OptionsError(`--${name} takes a number from 0 to ${most}, not ${text}`);
  return value;
};

const parsed = (words: readonly string[]) => {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        slots: text,
        index: { ...text, default: '0' },
        envoy: { ...text, default: usualEnvoy },
        record: flag,
        list: flag,
        slice: flag,
        write: flag,
        'no-traces': flag,
        out: text,
        page: text,
        other: text,
        simulated: text,
      },
    });
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error));
  }
};

/** Reads the command line; `known` are the names of the faults. */
export const readOptions = (words: readonly string[], known: readonly string[]): LabOptions => {
  const { values, positionals } = parsed(words);
  for (const name of positionals) {
    if (known.includes(name)) continue;
    const [near] = nearOf(name, known, 1);
    throw new OptionsError(
      `There is no fault ${name}${near === undefined ? '' : `; did you mean ${near}?`} --list shows all ${known.length}.`,
    );
  }
  if (values.slice && (positionals.length > 0 || values.write))
    throw new OptionsError('--slice has its own faults, and tries the wrong ones twice: it takes no names and writes no page.');
  return {
    faults: positionals,
    isSlice: values.slice,
    slots: Math.max(1, wholeNumber('slots', values.slots ?? (values.slice ? '3' : '4'), 16)),
    isRecording: values.record,
    isList: values.list,
    envoy: values.envoy,
    out: values.out ?? null,
    isWriting: values.write,
    page: values.page ?? null,
    other: values.other ?? null,
    simulated: values.simulated ?? null,
    firstIndex: wholeNumber('index', values.index, 200),
    hasTraces: !values['no-traces'] && !values.slice,
  };
};
