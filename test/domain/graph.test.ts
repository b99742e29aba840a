import { describe, expect, it } from 'vitest';
import { layersOf } from '../../src/domain/graph/layers.ts';
import { arrowsOf, isSick } from '../../src/domain/graph.ts';
import { arrowsBetween, countedCall, drawnOf, titles } from '../support/graphs.ts';

describe('who is who', () => {
  it('a caller is the service that its workload serves', () => {
    const arrows = arrowsBetween([
      { from: 'frontend', to: 'checkout' },
      { from: 'checkout-v1', to: 'payments' },
      { from: 'checkout-v2', to: 'payments', failing: 0.5 },
    ]);
    expect(arrows.map(({ from, to }) => `${from.name} → ${to.name}`)).toEqual(['checkout → payments', 'frontend → checkout']);
    expect(arrows[0]?.counts).toMatchObject({ requests: 12_000, failed: 3000 });
  });

  it('two of one name in two namespaces are two', () => {
    const far = countedCall({ from: 'web', to: 'payments' });
    const edge = { ...far.edge, destination: { ...far.edge.destination, namespace: 'bank' } };
    expect(arrowsOf([far, { ...far, edge }]).length).toBe(2);
  });

  it('what matched no route has no destination, and is no workload called unknown', () => {
    const one = countedCall({ from: 'gateway', to: 'x' });
    const [arrow] = arrowsOf([
      { ...one, edge: { ...one.edge, destination: { namespace: null, workload: null, service: null } } },
    ]);
    expect(arrow?.to.name).toBe('no destination');
  });

  it('an arrow is sick from 1 % failing on', () => {
    const [worse, better] = arrowsBetween([
      { from: 'a', to: 'b', failing: 0.01 },
      { from: 'a', to: 'c', failing: 0.0099 },
    ]);
    expect([worse, better].map((arrow) => arrow !== undefined && isSick(arrow))).toEqual([true, false]);
  });
});

describe('what is drawn of a mesh', () => {
  it('two hops around a workload, its callers and what it calls, and not the other callees of its callers', () => {
    const chain = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const calls = chain.slice(1).map((to, index) => ({ from: chain[index] ?? '', to }));
    expect([...titles(drawnOf([...calls, { from: 'c', to: 'sibling' }], 'd'))].sort()).toEqual([
      'b → c',
      'c → d',
      'd → e',
      'e → f',
    ]);
  });

  it('the worst ten of many, sick ones wherever they are, and says what it leaves out', () => {
    const calls = Array.from({ length: 60 }, (_, index) => ({
      from: `caller-${index}`,
      to: `callee-${index}`,
      failing: index >= 50 && index < 54 ? 0.1 : 0,
    }));
    const chosen = drawnOf(calls);
    expect(chosen.nodes.length).toBe(10);
    expect(titles(chosen).slice(0, 4).sort()).toEqual([50, 51, 52, 53].map((n) => `caller-${n} → callee-${n}`));
    expect(chosen.leftOut).toEqual({ nodes: 110, arrows: 55, sick: 0 });
  });

  it('no more than five columns', () => {
    const calls = Array.from({ length: 9 }, (_, index) => ({ from: `s${index}`, to: `s${index + 1}` }));
    const { nodes, arrows } = drawnOf(calls);
    expect(new Set(layersOf(nodes, arrows).columnOf.values()).size).toBe(5);
  });
});

describe('columns', () => {
  it('everyone stands right of all callers, who are next to whom they call', () => {
    const arrows = arrowsBetween([
      { from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
      { from: 'a', to: 'c' },
      { from: 'late', to: 'c' },
    ]);
    const nodes = ['a', 'b', 'c', 'late'].map((name) => ({ key: JSON.stringify(['shop', name]), namespace: 'shop', name }));
    const { columnOf, back } = layersOf(nodes, arrows);
    expect(nodes.map(({ key }) => columnOf.get(key))).toEqual([0, 1, 2, 1]);
    expect(back).toEqual([]);
  });

  it('of a cycle one arrow leads back', () => {
    const chosen = drawnOf([
      { from: 'front', to: 'a' },
      { from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
      { from: 'c', to: 'a' },
      { from: 'c', to: 'c' },
    ]);
    const { back } = layersOf(chosen.nodes, chosen.arrows);
    expect(back.map(({ from, to }) => `${from.name} → ${to.name}`).sort()).toEqual(['c → a', 'c → c']);
  });
});
