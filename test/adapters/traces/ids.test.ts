import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hexIds, idsOf } from '../../../src/adapters/traces/ids.ts';

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).filter((all) => all.some((byte) => byte !== 0));
const hexOf = (all: Uint8Array): string => Buffer.from(all).toString('hex');
const base64Of = (all: Uint8Array): string => Buffer.from(all).toString('base64');
const bare = (text: string): string => text.replace(/=+$/, '');

describe('an id', () => {
  it('is the same in any case, and with its zeros cut off', () => {
    fc.assert(
      fc.property(bytes(16), bytes(8), (trace, span) => {
        for (const ids of [hexIds, idsOf([hexOf(trace)])]) {
          expect(ids.trace(hexOf(trace).toUpperCase())).toBe(hexOf(trace));
          expect(ids.trace(hexOf(trace).replace(/^0+/, ''))).toBe(hexOf(trace));
          expect(ids.trace(hexOf(span))).toBe(`${'0'.repeat(16)}${hexOf(span)}`);
          expect(ids.span(hexOf(span).replace(/^0+/, ''))).toBe(hexOf(span));
          expect(ids.span(`${'0'.repeat(16)}${hexOf(span)}`)).toBe(hexOf(span));
        }
      }),
    );
  });

  it('in base64 is the same, padded or not', () => {
    fc.assert(
      fc.property(fc.array(bytes(16), { minLength: 2 }), bytes(8), (traces, span) => {
        const written = traces.map(base64Of);
        const padded = idsOf(written);
        expect(written.map(padded.trace)).toEqual(traces.map(hexOf));
        expect(padded.span(base64Of(span))).toBe(hexOf(span));
        // Of letters and digits that are all hexadecimal by chance, nothing tells that they are not.
        fc.pre(written.some((id) => !/^[0-9a-f]+$/i.test(bare(id))));
        const unpadded = idsOf(written.map(bare));
        expect(written.map(bare).map(unpadded.trace)).toEqual(traces.map(hexOf));
        expect(unpadded.span(bare(base64Of(span)))).toBe(hexOf(span));
      }),
    );
  });

  it('of a document in hexadecimal digits is never taken for base64, however many zeros were cut', () => {
    fc.assert(
      fc.property(fc.array(bytes(16), { minLength: 1 }), fc.array(bytes(8), { minLength: 1 }), (traces, spans) => {
        const cut = (all: Uint8Array): string => hexOf(all).replace(/^0+/, '');
        const ids = idsOf(traces.map(cut));
        expect(traces.map(cut).map(ids.trace)).toEqual(traces.map(hexOf));
        expect(spans.map(cut).map(ids.span)).toEqual(spans.map(hexOf));
      }),
    );
    const ids = idsOf(['abcdefabcdefabcdefabcd', 'abcdefabcde']);
    expect(ids.trace('abcdefabcdefabcdefabcd')).toBe('0000000000abcdefabcdefabcdefabcd');
    expect(ids.span('abcdefabcde')).toBe('00000abcdefabcde');
  });

  it.each([
    '',
    '0',
    '00000000000000000000000000000000',
    'span-1',
    'xyz',
    'é',
    ' abc',
    'abc ',
    '0xabc',
    'f'.repeat(33),
    12,
    null,
    {},
    [],
  ])('is none: %j', (value) => {
    expect([hexIds.trace(value), hexIds.span(value), idsOf([value]).trace(value), idsOf([value]).span(value)]).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it('is read per id where objects of two origins come together', () => {
    const [hexId, trace] = ['0af7651916cd43dd8448eb211c80319c', 'WvcYP7HUz1+hG60A3q2+7w=='];
    const ids = idsOf([hexId, trace]);
    expect([ids.trace(hexId), ids.trace(trace)]).toEqual([hexId, '5af7183fb1d4cf5fa11bad00deadbeef']);
  });
});
