import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestMessage } from '../../../src/stages/compose/digest.ts';
import { digestTable } from '../../../src/stages/compose/digest-table.ts';
import { spoken } from '../../../src/stages/compose/spoken.ts';
import { budgetPicture } from '../../../src/stages/draw/budget.ts';
import { blockProblems } from '../../../src/workspace/block-rules.ts';
import { digestIn, readDigest } from '../../support/recorded-digests.ts';

/** What was read of objectives in a real Prometheus (`node .ci/record-digests.ts`), told anew. GOLDEN=1 writes the messages anew. */
const home = 'test/scenarios/digest';
const names = readdirSync(home, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

const zone = 'Europe/Berlin';
const permalink = 'https://acme.slack.com/archives/C1/p1795';

const composed = (name: string) => {
  const digest = digestIn(readDigest(join(home, name)));
  const drawn = digest.lines.flatMap(({ reading, standing: { left } }) =>
    left === null ? [] : [{ reading, left, incidents: [] }],
  );
  return {
    message: digestMessage(digest, { timeZone: zone, linkOf: () => permalink }),
    thread: digestTable(digest),
    picture: budgetPicture(drawn, zone)?.altText ?? null,
  };
};

/** What must stand in a digest, and what must not, whatever else changes in it. */
const truths: Readonly<Record<string, { readonly says: readonly RegExp[]; readonly never: RegExp }>> = {
  // An hour in which a third of payments failed spent more than twice what 99.9 % of a week allows.
  first: {
    says: [
      /^SLOs: 1 breached, 1 at risk, 1 healthy, 1 not judged\n/,
      /payments-availability · payments-team\n▱+ overspent by 13\d %/,
      /Spent by checkout → payments \(94 %\): 503 UF, mostly Sun 22 Nov 08:00–10:00/,
      /Incident: checkout → payments \(https:\/\/acme\.slack\.com/,
      /cart-availability: nothing was scraped/,
      /✅ Healthy: checkout-payments has 97 % left/,
      /the first digest here/,
    ],
    never: /new here|was \d/,
  },
  changed: {
    says: [
      /^SLOs: 1 breached, 1 at risk, 1 healthy, 1 not judged\n/,
      /overspent by 138 %, was 100 %/,
      /the last digest: Sun 22 Nov 06:15/,
    ],
    never: /new here|the first digest/,
  },
  quiet: {
    says: [/^✅ Tue 24 Nov: the SLO healthy, as at the last digest$/],
    never: /breached|at risk|not judged/,
  },
  'no-data': {
    says: [/^SLOs: 4 not judged\n/, /payments-availability: nothing was scraped/],
    never: /healthy|breached|100 %|0 %/i,
  },
  'source-down': {
    says: [/^SLOs: 4 not judged\n/, /payments-availability, payments-latency: Prometheus refused/],
    never: /healthy|breached|no request|nothing was scraped/i,
  },
};

describe('digests of what was read in a real Prometheus', () => {
  it('are there for a first one, a change, a quiet day, nothing known and nobody who answers', () => {
    expect(names.toSorted()).toEqual(Object.keys(truths).toSorted());
  });

  it.each(names)('%s: says what is true, and nothing that is not known', (name) => {
    const text = spoken(composed(name).message);
    for (const words of truths[name]?.says ?? []) expect(text).toMatch(words);
    expect(text).not.toMatch(truths[name]?.never ?? /(?:)/);
  });

  it.each(names)('%s: the message, its thread and its picture are as recorded, and Slack would take them', (name) => {
    const told = composed(name);
    const path = join(home, name, 'slack.json');
    const text = `${JSON.stringify(told, null, 2)}\n`;
    if (process.env['GOLDEN'] === '1') writeFileSync(path, text);
    expect(text).toBe(existsSync(path) ? readFileSync(path, 'utf8') : '(not recorded: run with GOLDEN=1)');
    for (const { blocks } of [told.message, told.thread]) expect(blockProblems(blocks, () => 'missing')).toEqual([]);
  });
});
