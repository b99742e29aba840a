import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/domain/evidence.ts';
import { parsePromql, selectorsOf } from '../../src/domain/promql/tree.ts';
import { equals, oneOf, quoteRegex, selector } from '../../src/domain/promql.ts';
import { readRecording, recordingFile } from '../../src/recording/folder.ts';
import { tellJson } from '../../src/recording/pseudonyms/collect.ts';
import { type Dictionary, dictionaryFrom, renamer } from '../../src/recording/pseudonyms/dictionary.ts';
import { remainsIn } from '../../src/recording/pseudonyms/remains.ts';
import { vocabulary } from '../../src/recording/pseudonyms/vocabulary.ts';
import { isPlain, partsOf, runsIn } from '../../src/recording/pseudonyms/words.ts';

const dictionaryFor = (...names: readonly string[]): Dictionary =>
  dictionaryFrom((tell) => {
    for (const name of names) tell(name, 'name');
  });

/** One word of a name as Kubernetes takes it, of which nobody else knows. */
const word = fc
  .stringMatching(/^[a-z][a-z0-9]{1,11}$/)
  .filter((text) => !isPlain(text) && !/^[bcdfghjklmnpqrstvwxz2456789]{5}$/.test(text));
/** A name of one to four words, some of them known to everybody. */
const name = fc
  .array(
    fc.oneof({ weight: 3, arbitrary: word }, { weight: 1, arbitrary: fc.constantFrom('v2', 'canary', 'gateway', 'istio') }),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .filter((words) => words.some((one) => !isPlain(one)))
  .map((words) => words.join('-'));
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 12 });
const wordsOf = (texts: readonly string[]): readonly string[] => [
  ...new Set(texts.flatMap((text) => text.split('-')).filter((one) => !isPlain(one))),
];

describe('pseudonyms', () => {
  it('are the same for the same name, and different for different ones', () => {
    fc.assert(
      fc.property(names, (some) => {
        const rename = renamer(dictionaryFor(...some));
        expect(new Set(some.map(rename)).size).toBe(some.length);
        for (const one of some) expect(rename(`x ${one}.${one}`)).toBe(`x ${rename(one)}.${rename(one)}`);
      }),
    );
  });

  it('sort as the names did: lists of names stand in queries in their order', () => {
    fc.assert(
      fc.property(names, (some) => {
        const rename = renamer(dictionaryFor(...some));
        expect([...some].sort().map(rename)).toEqual(some.map(rename).sort());
      }),
    );
  });

  it('hold no word of any name', () => {
    fc.assert(
      fc.property(names, (some) => {
        const renamed = some.map(renamer(dictionaryFor(...some))).join(' ');
        for (const one of wordsOf(some).filter(({ length }) => length >= 4)) expect(renamed).not.toContain(one);
      }),
    );
  });

  it('keep versions, random ends and what the bot reads in a name', () => {
    const rename = renamer(
      dictionaryFrom((tell) => {
        tell('payments-v2', 'name');
        tell('istio-ingressgateway', 'name');
        tell('payments-6d5f7c9b4-abcde', 'pod');
        tell('agent-x2x4d', 'pod');
        tell('10.1.2.3:15090', 'name');
      }),
    );
    const payments = rename('payments');
    expect(payments).toMatch(/^[a-z]{6,}$/);
    expect(
      ['payments-v2', 'payments-canary', 'payments-6d5f7c9b4-abcde', 'istio-ingressgateway', 'istio-system'].map(rename),
    ).toEqual([`${payments}-v2`, `${payments}-canary`, `${payments}-6d5f7c9b4-abcde`, 'istio-ingressgateway', 'istio-system']);
    expect(rename('payments.shop.svc.cluster.local')).toBe(`${payments}.shop.svc.cluster.local`);
    expect(rename('10.1.2.3:15090')).toBe('198.18.0.0:15090');
    expect(rename('10\\\\.1\\\\.2\\\\.3')).toBe('198\\\\.18\\\\.0\\\\.0');
  });

  it.each([
    ['an identity', 'spiffe://cluster.local/ns/orders/sa/payments', 'spiffe://cluster.local/ns/ORDERS/sa/PAYMENTS'],
    [
      'a cluster of Envoy',
      'outbound|8080|v1|payments.orders.svc.cluster.local',
      'outbound|8080|v1|PAYMENTS.ORDERS.svc.cluster.local',
    ],
    [
      'a client of Linkerd',
      'payments.orders.serviceaccount.identity.linkerd.cluster.local',
      'PAYMENTS.ORDERS.serviceaccount.identity.linkerd.cluster.local',
    ],
    ['an address', 'g0.expr=up%7Bpod%3D~%22payments%5C%5C.orders%22%7D', 'g0.expr=up%7Bpod%3D~%22PAYMENTS%5C%5C.ORDERS%22%7D'],
    ['an address in an address', 'expr=%2522payments%2522', 'expr=%2522PAYMENTS%2522'],
    ['JSON in an address', 'left={"expr":"up{pod=\\"payments\\"}"}', 'left={"expr":"up{pod=\\"PAYMENTS\\"}"}'],
    ['a line break before it', '"\\npayments"', '"\\nPAYMENTS"'],
    ['a word boundary before it', '\\bpayments\\b', '\\bPAYMENTS\\b'],
    ['a moment', '2026-11-24T07:15:20Z payments', '2026-11-24T07:15:20Z PAYMENTS'],
    ['an address that encodes what stands beside it', 'q=payments%E2%86%92orders', 'q=PAYMENTS→ORDERS'],
  ])('reach a name inside %s', (_name, text, expected) => {
    const rename = renamer(dictionaryFor('payments', 'orders'));
    const shown = expected.replaceAll('PAYMENTS', rename('payments')).replaceAll('ORDERS', rename('orders'));
    expect(rename(text)).toBe(shown);
  });

  it('reach IPv6 addresses in every spelling, and take no time, no name and no metric for one', () => {
    const [whole, short] = ['2001:4860:4860:0:0:0:0:8888', 'fd00:12:34::7'];
    const rename = renamer(dictionaryFor(`[${whole}]:9090`, short));
    expect([`[${whole}]:9090`, `http://${short}/x`, `\\n${short}.`].map(rename)).toEqual([
      '[2001:db8::1000]:9090',
      'http://2001:db8::1001/x',
      '\\n2001:db8::1001.',
    ]);
    expect(rename(`x=%5B${short.replaceAll(':', '%3A')}%5D%3A80`)).toBe('x=%5B2001%3Adb8%3A%3A1001%5D%3A80');
    for (const text of ['07:15:20', '::1', 'Foo::bar', 'job:up:rate5m', '[5m:1m]'])
      expect(runsIn(text).addresses.filter((one) => one !== '::1')).toEqual([]);
  });

  it('reach what a pod, an instance or a label says, whatever it means here; names of metrics are no names', () => {
    const told: string[] = [];
    const body = {
      labels: { reporter: 'jane' },
      metric: { pod: 'quokka-0', instance: 'lynx:80', reporter: 'viper', __name__: 'zebra_total' },
    };
    tellJson(body, (text) => told.push(text));
    expect(told.sort()).toEqual(['jane', 'lynx:80', 'quokka-0', 'viper']);
  });

  it.each<readonly [what: string, name: string, ...gone: readonly string[]]>([
    ['the number of an account', 'acct-884213377', 'acct', '884213377'],
    ['the number of a customer', 'customer-4711', 'customer', '4711'],
    ['a number behind a word that everybody knows', 'service884213377', '884213377'],
    ['a bank account', 'DE89370400440532013000', '89370400440532013000'],
    ['a name of two letters', 'qz', 'qz'],
    ['a name of a letter and a digit', 'q7', 'q7'],
    ['a name of a letter and a digit, that letter a word', 'a1', 'a1'],
    ['a name that begins with a digit', '42acme', '42', 'acme'],
    ['a host that is named after its address', 'ip-10-20-30-17', '10-20-30-17'],
    ['a pod that is named after its address', '10-20-30-17.shop.pod.cluster.local', '10-20-30-17', 'shop'],
    ['an address', '10.20.30.17', '10.20.30.17'],
    ['a version that is a number of somebody', 'v884213377', '884213377'],
    ['an identifier', '3f2504e0-4f89-11d3-9a0c-0305e82c3301', '3f2504e0', '4f89', '11d3', '9a0c', '0305e82c3301'],
    ['hexadecimal digits', 'deadbeef84213e77', 'deadbeef', '84213'],
  ])('leave nothing of %s', (_what, one, ...gone) => {
    const rename = renamer(dictionaryFor(one));
    for (const text of [one, `x{a="${one}"}`, `at ${one}.`, encodeURIComponent(`"${one}"`)])
      for (const part of gone) expect(rename(text).toLowerCase()).not.toContain(part);
    expect(rename(`${one} ${one}`)).toBe(`${rename(one)} ${rename(one)}`);
  });

  it.each([
    'checkout-v2',
    '503',
    'outbound|8080|v1|',
    'le="2500"',
    'shard-12',
    '[a-z0-9]{5}',
    'rate5m',
    'http2',
    '2026-11-24T07:15:20Z',
  ])('leave %s, which says what something is and not whose', (text) => {
    const rename = renamer(dictionaryFor('acct-884213377', 'q7', `10.20.30.17:8080`));
    expect(rename(text)).toBe(text);
  });

  it('take no word of people for the random end of a pod', () => {
    const rename = renamer(dictionaryFrom((tell) => tell('db-acme2prod-x2x4d', 'pod')));
    expect(rename('db-acme2prod-x2x4d')).not.toContain('acme');
  });

  it('follow a name in camel case, and keep its case', () => {
    const rename = renamer(dictionaryFor('payments', 'PaymentsErrorRateHigh'));
    const payments = rename('payments');
    const Payments = `${payments[0]?.toUpperCase()}${payments.slice(1)}`;
    expect(rename('PaymentsErrorRateHigh')).toBe(`${Payments}ErrorRateHigh`);
    expect(rename('PAYMENTS')).toBe(payments.toUpperCase());
  });

  it('reach letters of any script, also where an address encodes them', () => {
    const rename = renamer(dictionaryFor('zahlüng'));
    expect(rename('http://x/zahl%C3%BCng?a')).toBe(`http://x/${rename('zahlüng')}?a`);
  });

  it('leave what the mesh, PromQL and alerting say: metric names, labels, codes and flags', () => {
    const said =
      'sum by (destination_service_name) (rate(istio_requests_total{response_code=~"5..",response_flags="URX,UF"}[5m]))';
    fc.assert(
      fc.property(names, (some) => {
        expect(renamer(dictionaryFor(...some))(said)).toBe(said);
      }),
    );
    for (const one of ['istio', 'sum', 'urx', 'virtualservice', 'unknown', 'critical']) expect(vocabulary.has(one)).toBe(true);
  });

  it('in PromQL parse as before, and are the renamed matchers: equal, one of several, and quoted for RE2', () => {
    const dotted = fc.tuple(name, name).map(([a, b]) => `${a}.${b}`);
    fc.assert(
      fc.property(fc.uniqueArray(fc.oneof(name, dotted), { minLength: 2, maxLength: 6 }), (some) => {
        const rename = renamer(dictionaryFor(...some));
        const [first = ''] = some;
        const built = (to: (text: string) => string): string =>
          selector('istio_requests_total', [
            equals('source_workload', to(first)),
            oneOf('destination_service', some.map(to)),
            { label: 'pod', op: '=~', value: `${quoteRegex(to(first))}-([a-z0-9]{4,10}-)?[a-z0-9]{5}` },
          ]);
        const renamed = rename(`sum(rate(${built((text) => text)}[5m]))`);
        expect(parsePromql(renamed).isValid).toBe(true);
        expect(renamed).toBe(`sum(rate(${built(rename)}[5m]))`);
        expect(selectorsOf(parsePromql(renamed))).toHaveLength(1);
      }),
    );
  });

  it('never take a word that is used already', () => {
    const used = new Set<string>();
    fc.assert(
      fc.property(names, (some) => {
        const taken = (one: string): boolean => used.has(one);
        const { words } = dictionaryFrom(
          (tell) => {
            for (const one of some) tell(one, 'name');
          },
          { isUsed: taken },
        );
        for (const made of words.values()) expect(used.has(made) || vocabulary.has(made)).toBe(false);
        const [made] = words.values();
        if (made !== undefined) used.add(made);
      }),
    );
  });
});

describe('a search for what remains', () => {
  const words = new Map([
    ['payments', 'qasosi'],
    ['port', 'dakele'],
    ['each', 'buluba'],
  ]);
  const named = new Set(['payments', 'port']);

  it.each([
    ['a name', '{"pod":"payments-v2"}'],
    ['a name in capitals', 'PAYMENTS'],
    ['a name in camel case', 'PaymentsDown'],
    ['a name behind a half-read escape', '%22payments'],
    ['a name behind a letter that an escape left', String.raw`"\npayments"`],
    ['a name with a number', 'payments2'],
  ])('finds %s', (_name, text) => expect(remainsIn(text, { words, named }).asWords).toEqual(['payments']));

  it('tells apart a word that only stands inside another one', () => {
    expect(remainsIn('imports_total reached', { words, named })).toEqual({
      asWords: [],
      inside: [{ word: 'port', inWord: 'imports' }],
    });
  });

  it('finds nothing where nothing is', () => {
    expect(remainsIn('{"reporter":"source","pod":"qasosi-v2"}', { words, named })).toEqual({ asWords: [], inside: [] });
  });
});

/** What the demo's mesh and the alerts of its recordings are called. */
const ofTheDemo =
  'accounting bank cart catalog checkout currency email finance fraud frontend inventory logistics payments recommendations search shipping shop warehouse';

describe('the words of our own questions', () => {
  const home = 'test/scenarios';
  // The lab's meshes have names of their own, and alerts with rules of their own.
  const files = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((file) => !/^lab\b/.test(file));
  const texts = files.flatMap((file): readonly string[] => {
    if (file.endsWith('evidence.json'))
      return (JSON.parse(readFileSync(join(home, file), 'utf8')) as Evidence).queries.map(({ text }) => text);
    if (!file.endsWith(recordingFile)) return [];
    return readRecording(join(home, dirname(file))).exchanges.flatMap(({ form }) =>
      form.filter(([field]) => field === 'query').map(([, value]) => value),
    );
  });

  it('all stay: a tag that were renamed would ask another question', () => {
    expect(texts.length).toBeGreaterThan(100);
    const wordsIn = (text: string): readonly string[] => runsIn(text).runs.flatMap(partsOf);
    const known = new Set(ofTheDemo.split(' '));
    const unknown = texts.flatMap(wordsIn).filter((one) => !isPlain(one) && !known.has(one));
    expect([...new Set(unknown)], 'belongs into src/recording/pseudonyms/vocabulary.ts').toEqual([]);
  });
});
