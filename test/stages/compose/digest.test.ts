import { describe, expect, it } from 'vitest';
import { digestMessage } from '../../../src/stages/compose/digest.ts';
import { digestTable } from '../../../src/stages/compose/digest-table.ts';
import { spoken } from '../../../src/stages/compose/spoken.ts';
import { budgetsOf, digestFrom, type Sample, sampleDigest, sampleLine, sampleZone } from '../../support/digest-sample.ts';

const told = (digest: ReturnType<typeof digestFrom>): string =>
  spoken(digestMessage(digest, { timeZone: sampleZone, linkOf: () => null }));

/** So many fail in every hour of the window; 40 is all that 99.9 % allows. */
const always = (name: string, perHour: number, more: Partial<Sample> = {}): Sample => ({
  name,
  service: name,
  failing: [{ caller: 'frontend', ending: '503 UF', fromHour: 720, toHour: 0, perHour }],
  ...more,
});

describe('A digest of a morning', () => {
  const text = told(sampleDigest());

  it('tells the worst first, and of each how it stands, whether it goes on and what spent it', () => {
    const [breached, slow, fast] = ['payments-availability', 'shipping-availability', 'search-latency'].map((name) =>
      text.indexOf(name),
    );
    expect(breached).toBeGreaterThan(-1);
    expect(slow).toBeGreaterThan(breached ?? 0);
    expect(fast).toBeGreaterThan(slow ?? 0);
    expect(text).toContain('payments-availability · payments');
    expect(text).toContain('27 % left, was 41 %');
    expect(text).toContain('burns 7.2× over 1 h and 1 d · at this pace gone in 1 d 11 h (Sun 29 Nov 20:01)');
    expect(text).toContain('37,520 bad, 28,800 allowed');
    expect(text).toContain('Spent by checkout → payments (69 %): 503 UF by v2, mostly Wed 18 Nov 13:00–14:00');
  });

  it('says what an incident was called, and says of nothing that burns no more that it burns', () => {
    expect(text).toContain('Incident: checkout → payments');
    expect(text).toContain('burns only 0.4× now');
    expect(text).toContain('not burning now');
  });

  it('names a version only where another answered too', () => {
    expect(text).toContain('503 UF by v2');
    expect(text).not.toContain('by v1');
  });

  it('says each way of counting once, with all that is bad by it', () => {
    expect(text.match(/counted hour by hour/g)).toHaveLength(1);
    expect(text).toContain('bad = failed (5xx, gRPC 2 4 8 12–15, or cut off), or slower than 250 ms');
    expect(text).toContain('scraped without a gap');
  });

  it('is one line where all are well and as they were', () => {
    const quiet = digestMessage(digestFrom([always('cart', 2), always('search', 4)].map((one) => sampleLine(one))), {
      timeZone: sampleZone,
      linkOf: () => null,
    });
    expect(quiet.blocks).toHaveLength(1);
    expect(spoken(quiet)).toContain('Sat 28 Nov: all 2 SLOs healthy, as at the last digest; the tightest, search, has 90 % left');
  });

  it('of sixty tells three whole, seven in a line each, and says where the rest are; those not judged by one reason stand together', () => {
    const lines = Array.from({ length: 60 }, (_, index) =>
      sampleLine(always(`service-${index}`, index < 12 ? 88 - 4 * index : 1, index >= 48 ? { scrapedHours: 10 } : {})),
    );
    const sixty = told(digestFrom(lines));
    expect(sixty.match(/Spent by/g)).toHaveLength(3);
    expect(sixty.match(/🔴/gu)).toHaveLength(10);
    expect(sixty).toContain('service-9 overspent by 30 %');
    expect(sixty).toContain('2 more at risk or breached: in the thread');
    expect(sixty).toContain('service-48, service-49, service-50 and 9 more: 1.4 % of 30 d was scraped');
  });

  it('says what to do where nothing is defined for its channel', () => {
    expect(told(digestFrom([]))).toContain('Give an objective this channel');
  });
});

describe('The table of a digest', () => {
  const rowsOf = (names: readonly string[]) => {
    const { blocks } = digestTable(digestFrom(names.map((name) => sampleLine(always(name, 60)))));
    const table = blocks.find(({ type }) => type === 'table') as unknown as { readonly rows: { readonly text: string }[][] };
    return table.rows.map((cells) => cells.map(({ text }) => text));
  };

  it('writes what is overspent with as many digits as what is left', () => {
    expect(rowsOf(['cart'])[1]?.slice(0, 4)).toEqual(['cart', '−50 %', '0 pp', '99.85 %']);
  });

  it('keeps both ends of a name that is too long for a cell', () => {
    const [one, other] = ['availability', 'latency'].map((end) => `${'checkout-orchestration-'.repeat(5)}${end}`);
    const [, first, second] = rowsOf([one ?? '', other ?? '']);
    expect(first?.[0]).toMatch(/^checkout-.*…/);
    expect(first?.[0]).not.toBe(second?.[0]);
  });
});

describe('The picture of budgets', () => {
  it('shows the band of an incident that is an hour of a month, and says what it is', () => {
    const picture = budgetsOf(sampleDigest());
    const [band] = picture?.panels[0]?.data['band'] ?? [];
    expect(Number(band?.['b']) - Number(band?.['a'])).toBeGreaterThan(5 * 3_600_000);
    expect(picture?.altText).toContain('purple an incident');
    expect(budgetsOf(digestFrom([sampleLine(always('cart', 60))]))?.altText).not.toContain('purple');
  });
});
