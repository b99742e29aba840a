import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readQuestion } from '../../../src/domain/question-text.ts';
import { spoken } from '../../../src/stages/compose/spoken.ts';
import { blockProblems } from '../../../src/workspace/block-rules.ts';
import { type Replied, readAsked, replayAnswer } from '../../support/recorded-answers.ts';

/** What people asked of the demo's mesh in a real Prometheus (`node .ci/record-answers.ts`), answered without any. GOLDEN=1 writes the messages anew. */
const home = 'test/scenarios/commands';
const names = readdirSync(home, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

type Replayed = Awaited<ReturnType<typeof replayAnswer>>;
const first = new Map<string, Promise<Replayed>>();

/** Each folder is replayed once for all that is asked of it. */
const replayed = (name: string): Promise<Replayed> => {
  const known = first.get(name) ?? replayAnswer(readAsked(join(home, name)));
  first.set(name, known);
  return known;
};

/** The message, how the question ended, and what the pictures say to whoever does not see them. */
const kept = ({ message, ending, pictures }: Replied) => ({
  ending,
  pictures: pictures.map(({ name, altText }) => ({ name, altText })),
  message,
});

const golden = (name: string, value: unknown): void => {
  const path = join(home, name, 'slack.json');
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (process.env['GOLDEN'] === '1') writeFileSync(path, text);
  expect(text).toBe(existsSync(path) ? readFileSync(path, 'utf8') : '(not recorded: run with GOLDEN=1)');
};

/** What must stand in an answer, whatever else changes in it: the truth of what was broken, or of what is missing. */
const truths: Readonly<Record<string, readonly [ending: Replied['ending'], ...says: readonly RegExp[]]>> = {
  // A third of the connections from checkout to payments is refused, in the last half of the five minutes.
  stat: ['answered', /Edges of payments in demo/, /checkout +payments +8\d(\.\d)? %/, /payments +bank +99\.\d+ %/],
  'stat-everything': ['answered', /Edges of demo/, /istio-ingressgateway +frontend/, /inventory +warehouse/],
  // Every fifth answer of inventory is an error, in the same half.
  'stat-linkerd': ['answered', /checkout +inventory +9\d(\.\d)? %/, /failed = what Linkerd classifies as failure/],
  'stat-without-latency': [
    'answered',
    /checkout +payments +8\d % +9\.\d\/s +– +– +–/,
    /No latency figures: Prometheus refused an/,
  ],
  'stat-of-nothing': ['not-found', /^No data: demo has no series of istio_requests_total in the last 5 min\. .*doctor/],
  'stat-did-you-mean': ['not-found', /I know no workload or service paymets in demo\.\nDid you mean: payments\?/],
  top: ['answered', /Refused\/min[^\n]*\n(?:[^\n]*\n){0,2}checkout +payments +\d\d /],
  flags: ['answered', /checkout +payments +503 UF URX +could not connect to the callee; gave up after its last retry .*failed/],
  edges: ['answered', /checkout +payments +yes/],
  'edges-linkerd': ['answered', /checkout +inventory +yes +shop\/checkout/],
  'routes-without-labels': ['answered', /no request is counted by route/, /Telemetry resource tagOverrides request_url_path/],
  'routes-linkerd': ['answered', /POST \/reservations +inventory +9\d(\.\d)? %/, /routes of ServiceProfiles/],
  // Half of what the new version of payments answers is an error, in the same half.
  versions: [
    'answered',
    /^1 of 2 versions fails: v2 .* fails [2-5]\d % of its requests, the other (none|0\.\d+ %)\n/,
    /v2 .* +\d+ % +[5-7]\d % /,
  ],
  'versions-linkerd': ['answered', /Versions of payments in demo/, /a version is the hash of a ReplicaSet here/],
  pods: ['answered', /^1 of 2 pods fails: payments-v2-7d9f6c5b8d-x2k9q/, /Pods of checkout → payments in demo/],
  'pods-without-labels': ['answered', /no request is told apart by pod/, /that drops both of them drops the pods/],
  diff: ['answered', /checkout +payments +fails more +8\d % \(99/, /payments +bank +as before/, /before: 1 h 00 min earlier/],
  graph: ['answered', /frontend +checkout/, /checkout +payments/, /payments +bank/, /payments +fraud/],
  'graph-without-latency': ['answered', /checkout +payments +8\d % .*–\n/, /No latency figures: Prometheus refused/],
  why: ['answered', /checkout cannot keep connections to payments: 3\d % failed/, /network\/TLS/, /UF could not connect/],
  'why-turned-around': ['not-found', /no edge payments → checkout in demo.* Did you mean checkout → payments\?/],
  // 1,920 of 808,320 failed in an hour two days ago: 99.9 % allows 808.
  slo: [
    'answered',
    /payments-availability 99\.7\d+ % of 99\.9 %\n▱+ overspent by 13\d %/,
    /cart-availability objective 99 %\nnot judged: /,
  ],
  'slo-of-service': ['answered', /payments-latency/, /checkout-payments/],
  'slo-named': [
    'answered',
    /^🔴 payments-availability: overspent by 13\d %/,
    /checkout → payments \(94 %\): 503 UF, mostly Sun 22 Nov 07:00–09:00/,
    /1,8\d\d of 80\d,\d{3} requests bad, 80\d allowed/,
    /by caller: checkout 94 %, web 6/,
  ],
  'slo-did-you-mean': ['not-found', /No objective is called “payments-availabilty”.*did you mean payments-availability/],
  'slo-none': ['not-found', /^No objective is known: name files of them in SLO_FILES/],
  'trace-worst': ['answered', /checkout → payments failed after \d+ ms/, /It began at checkout's call to payments/],
};

describe('questions to a real Prometheus, replayed', () => {
  it('are there for every command that asks the mesh', () => {
    const asked = new Set(names.map((name) => readQuestion(readAsked(join(home, name)).question).kind));
    expect([...asked].sort()).toEqual([
      ...['diff', 'edges', 'flags', 'graph', 'pods', 'routes', 'slo', 'stat', 'top', 'trace', 'versions', 'why'],
    ]);
    expect(names.toSorted()).toEqual(Object.keys(truths).toSorted());
  });

  it.each(names)('%s: every question is in the recording', async (name) => {
    const { missing } = await replayed(name);
    expect(missing, 'what is asked has changed: node .ci/record-answers.ts').toEqual([]);
  });

  it.each(names)('%s: says what is true of the mesh', async (name) => {
    const { replied } = await replayed(name);
    const [ending, ...says] = truths[name] ?? ['unclear'];
    expect(replied.ending).toBe(ending);
    for (const words of says) expect(spoken(replied.message)).toMatch(words);
  });

  it.each(names)('%s: the message is as recorded, byte for byte, twice, and Slack would take it', async (name) => {
    const { replied, missing } = await replayed(name);
    // A message with gaps of a stale recording is no golden one.
    expect(missing).toEqual([]);
    golden(name, kept(replied));
    const again = await replayAnswer(readAsked(join(home, name)));
    expect(JSON.stringify(again.replied)).toBe(JSON.stringify(replied));
    expect(blockProblems(replied.message.blocks, () => 'missing')).toEqual([]);
  });
});
