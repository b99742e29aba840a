import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Side } from '../../../src/domain/diagnosis.ts';
import { rules } from '../../../src/stages/diagnose/rules/index.ts';
import { podsOf } from '../mesh/topology.ts';
import { faults, slice } from './index.ts';

/** A record, so that a side that is added or taken away does not compile. */
const sides: Readonly<Record<Side, true>> = {
  caller: true,
  "caller's proxy": true,
  'network/TLS': true,
  "callee's proxy": true,
  'callee application': true,
  "callee's dependency": true,
  policy: true,
  'nothing wrong': true,
};

const names = faults.map(({ name }) => name);
const ruleNames = new Set(rules.map(({ name }) => name));
const services = new Set([...podsOf(0).map(({ service }) => service), 'unknown']);
const ofKind = (kind: string): number => faults.filter((fault) => fault.kind === kind).length;

describe('the catalogue of the lab', () => {
  it('names every fault once, as one word of a command line', () => {
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    for (const name of names) expect(name).toMatch(/^[a-z0-9][a-z0-9.-]*$/);
  });

  it('holds at least 45 faults and 5 cases in which nothing may be blamed', () => {
    expect(ofKind('fault')).toBeGreaterThanOrEqual(45);
    expect(ofKind('quiet')).toBeGreaterThanOrEqual(5);
  });

  it('has a slice for CI of at least ten that are there', () => {
    expect(slice.filter((name) => !names.includes(name))).toEqual([]);
    expect(new Set(slice).size).toBeGreaterThanOrEqual(10);
  });

  it.each(faults)('$name: its truth can be said by the bot, and is no truth that everything meets', ({ kind, truth }) => {
    const answers = [truth, ...[truth.or, truth.and, truth.asked].filter((answer) => answer !== undefined)];
    for (const { rules: named, sides: blamed, edge, orEdges = [] } of answers) {
      expect(named.filter((rule) => !ruleNames.has(rule))).toEqual([]);
      expect(blamed.filter((side) => !Object.hasOwn(sides, side))).toEqual([]);
      expect([edge, ...orEdges].flatMap((one) => one ?? []).filter((name) => !services.has(name))).toEqual([]);
    }
    // A word that any object or sentence may hold is no object.
    for (const { object } of answers)
      for (const vague of ['payments', 'Deployment', 'Deployment shop/nobody', 'VirtualService in nowhere'])
        expect(new RegExp(`^(?:${object})$`).test(vague)).toBe(false);
    const words = [...truth.not, ...(truth.must ?? [])];
    for (const pattern of [truth.object, ...words]) expect(() => new RegExp(pattern, 'i')).not.toThrow();
    // An empty pattern would forbid every message, or be in every one.
    for (const pattern of words) expect(new RegExp(pattern, 'i').test('')).toBe(false);
    expect(truth.edge === null).toBe(kind === 'quiet');
    if (truth.mayAlert !== undefined) expect(kind).toBe('quiet');
    if (kind !== 'quiet') expect(truth.sides.length).toBeGreaterThan(0);
  });

  it('takes no other version for the one that is sick', () => {
    for (const name of ['bad-version', 'slow-version', 'proxy-flaps']) {
      const object = faults.find((fault) => fault.name === name)?.truth.object ?? '';
      const isTaken = (said: string): boolean => new RegExp(`^(?:${object})$`).test(said);
      expect([isTaken('Deployment shop/payments-v2'), isTaken('Deployment shop/payments-v1')]).toEqual([true, false]);
      expect(isTaken('Deployment shop/payments')).toBe(false);
    }
  });

  it('takes all settings of a namespace together only where no metric can tell their names', () => {
    const isTaken = (name: string, said: string): boolean =>
      new RegExp(`^(?:${faults.find((fault) => fault.name === name)?.truth.object})$`).test(said);
    expect(isTaken('timeout', 'VirtualService shop/payments')).toBe(true);
    expect(isTaken('timeout', 'VirtualService in shop')).toBe(false);
    expect(isTaken('limit-connections', 'DestinationRule in shop')).toBe(false);
    expect(isTaken('rbac', 'AuthorizationPolicy in shop')).toBe(true);
    // No destination was chosen: nobody can tell whose route it is.
    expect(isTaken('no-route', 'VirtualService in shop')).toBe(true);
  });

  it.each([...ruleNames])('%s has a page of advice', (rule) => {
    expect(existsSync(new URL(`../../../templates/advice/${rule}.md`, import.meta.url))).toBe(true);
  });
});
