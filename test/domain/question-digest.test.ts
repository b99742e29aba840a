import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOfDigests, readQuestion } from '../../src/domain/question-text.ts';

const usual = { kind: 'digest-subscribe', rhythm: 'daily', weekday: 1, minuteOfDay: 540, zone: null, choice: { kind: 'own' } };
const names = (...said: readonly string[]) => ({ kind: 'names', names: said });

describe('a digest that a person asks for', () => {
  it.each([
    ['digest', { kind: 'digest', rhythm: null }],
    ['digest now', { kind: 'digest', rhythm: null }],
    ['Digest Now Weekly', { kind: 'digest', rhythm: 'weekly' }],
    ['digest daily', { kind: 'digest', rhythm: 'daily' }],
    ['digest list', { kind: 'digest-list' }],
    ['digest list.', { kind: 'digest-list' }],
    ['digest unsubscribe', { kind: 'digest-unsubscribe', rhythm: null }],
    ['digest unsubscribe weekly', { kind: 'digest-unsubscribe', rhythm: 'weekly' }],
  ])('is read from %j', (text, question) => {
    expect(readQuestion(text)).toEqual(question);
  });

  it.each([
    ['', {}],
    ['daily', {}],
    ['own', {}],
    ['weekly', { rhythm: 'weekly' }],
    ['at 9', {}],
    ['at 8:30', { minuteOfDay: 510 }],
    ['at 08.30', { minuteOfDay: 510 }],
    ['at 9pm', { minuteOfDay: 1260 }],
    ['at 9 PM daily', { minuteOfDay: 1260 }],
    ['at 12am', { minuteOfDay: 0 }],
    ['7:15', { minuteOfDay: 435 }],
    ['on monday', { rhythm: 'weekly' }],
    ['weekly on Thu', { rhythm: 'weekly', weekday: 4 }],
    ['fridays at 16:00', { rhythm: 'weekly', weekday: 5, minuteOfDay: 960 }],
    ['in Europe/Berlin', { zone: 'Europe/Berlin' }],
    ['in america/new_york', { zone: 'America/New_York' }],
    ['in utc', { zone: 'UTC' }],
    ['Asia/Tokyo', { zone: 'Asia/Tokyo' }],
    ['owner payments', { choice: { kind: 'owner', owner: 'payments' } }],
    ['owner “team payments” weekly', { rhythm: 'weekly', choice: { kind: 'owner', owner: 'team payments' } }],
    ['payments-*, cart-latency', { choice: names('payments-*', 'cart-latency') }],
    ['payments-availability at 10:00 cart', { minuteOfDay: 600, choice: names('payments-availability', 'cart') }],
    ['"weekly" "in"', { choice: names('weekly', 'in') }],
    ['shop/cart', { choice: names('shop/cart') }],
    [
      'weekly at 8:30 on tuesday in Asia/Kolkata owner shop',
      {
        rhythm: 'weekly',
        weekday: 2,
        minuteOfDay: 510,
        zone: expect.stringMatching(/^Asia\/(Kolkata|Calcutta)$/),
        choice: { kind: 'owner', owner: 'shop' },
      },
    ],
  ])('comes as it is said: %j', (said, wanted) => {
    expect(readQuestion(`digest subscribe ${said}`)).toEqual({ ...usual, ...wanted });
  });

  it.each([
    ['digest subscribe at 25:00', /^“at 25:00” is no time of a day: write “at 9:00”, “at 21:30” or “at 9am”\.$/],
    ['digest subscribe at 13pm', /^“at 13pm” is no time/],
    ['digest subscribe at', /^“at” is no time/],
    ['digest subscribe weekly on mnday', /^“on mnday” is no day of the week: write “on monday”\. Did you mean “on monday”\?$/],
    [
      'digest subscribe in Berlin',
      /^“in Berlin” is no time zone: write “in Europe\/Berlin”\. Did you mean “in Europe\/Berlin”\?$/,
    ],
    ['digest subscribe in "new york"', /Did you mean “in America\/New_York”\?$/],
    ['digest subscribe in Europe/Berlni', /Did you mean “in Europe\/Berlin”\?$/],
    ['digest subscribe in', /^“in” is no time zone: write “in Europe\/Berlin”\./],
    ['digest subscribe owner', /^“owner” needs a name/],
    ['digest subscribe daily on monday', /^A daily digest comes every day/],
    ['digest subscribe owner shop cart', /^An owner or names of objectives, not both: “owner shop” and “cart” were given\.$/],
    ['digest subscibe weekly', /^I do not know “\/mesh digest subscibe”\. Did you mean “\/mesh digest subscribe”\?/],
    ['digest payments', /^I do not know “\/mesh digest payments”\. There are: \/mesh digest now, \/mesh digest subscribe/],
    ['digest unsubscribe payments', /^“payments” is neither daily nor weekly/],
    ['digest list weekly', /^Write “\/mesh digest list”/],
    ['digst', /did you mean “\/mesh digest”\?/],
  ])('is not guessed from %j', (text, words) => {
    expect(readQuestion(text)).toMatchObject({ kind: 'unclear', lines: expect.arrayContaining([expect.stringMatching(words)]) });
  });

  it('is read from any words without an end, as a digest or as a question that is not clear', () => {
    const word = fc.oneof(
      fc.constantFrom('at', 'on', 'in', 'owner', 'daily', 'weekly', '9:00', 'monday', 'UTC', '""'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (words) => {
        const question = readQuestion(`digest subscribe ${words.join(' ')}`);
        expect(question.kind === 'unclear' || isOfDigests(question)).toBe(true);
        if (question.kind === 'unclear') expect(question.lines.join('')).not.toBe('');
      }),
    );
  });
});
