import { describe, expect, it } from 'vitest';
import { edgeTitle } from '../../../../src/domain/edge.ts';
import { root } from '../../../../src/stages/compose/root.ts';
import { spoken } from '../../../../src/stages/compose/spoken.ts';
import { readingWith, type Said, saidOf } from '../../../support/edges.ts';
import { alertWith, edgeNamed, reportOf, setting, standing } from '../../../support/report.ts';

const edge = edgeNamed('bank', 'ledger');
const tcp = (...now: readonly Said[]) => ({ now, protocol: 'tcp', usual: 3000 });
const fine: Said = [2000, '', '-'];
const ended = (flags: string): Said => [1000, '', flags];

describe('connections that fail', () => {
  it.each([
    ['UF,URX', 'network/TLS', 'bank cannot connect to ledger: 33 % of the connections failed'],
    ['UH', 'callee application', 'No healthy endpoint of ledger is left: 33 % of the connections failed'],
    ['UO', "caller's proxy", 'The limit of connections to ledger is full: 33 % of the connections failed'],
    ['NR', "caller's proxy", 'bank has no route for connections to ledger: 33 % of the connections failed'],
    ['UC', 'network/TLS', 'Connections from bank to ledger break after they were made: 33 % of the connections failed'],
    ['TLS_FAILURE', 'network/TLS', 'Mutual TLS between bank and ledger fails: 33 % of the connections failed'],
    ['DT', "caller's proxy", 'Connections to ledger are cut at their longest duration: 33 % of the connections failed'],
    ['DENY', 'policy', 'A policy denies bank connections to ledger: 33 % of the connections failed'],
  ])('%s at the caller alone: %s', (flags, side, sentence) => {
    const { verdict, findings } = saidOf([readingWith(edge, { caller: tcp(fine, ended(flags)), callee: tcp(fine) })]);
    expect(verdict).toMatchObject({ rule: 'tcp-failure', side, sentence, confidence: 'likely' });
    expect(findings.length).toBe(1);
  });

  it('at the callee’s own proxy: its application is not there', () => {
    const { verdict } = saidOf([readingWith(edge, { caller: tcp([3000, '', '-']), callee: tcp(fine, ended('UF,URX')) })]);
    expect(verdict).toMatchObject({ rule: 'tcp-failure', side: 'callee application' });
    expect(verdict?.sentence).toMatch(/^The proxy of ledger cannot reach its own application/);
  });

  it.each([
    ['UH', "callee's proxy", 'The proxy of ledger knows no endpoint of its own application'],
    ['UO', "callee's proxy", 'The limit of connections to ledger is full at its own proxy'],
    ['NR', "callee's proxy", 'The proxy of ledger has no route to its own application for connections of bank'],
    ['DT', "callee's proxy", 'Connections to ledger are cut at their longest duration at its own proxy'],
    ['UC', 'callee application', 'ledger closes its connections early'],
    ['DENY', 'policy', 'A policy denies bank connections to ledger'],
  ])('%s at the callee’s own proxy: %s', (flags, side, said) => {
    const { verdict } = saidOf([readingWith(edge, { caller: tcp([3000, '', '-']), callee: tcp(fine, ended(flags)) })]);
    expect(verdict).toMatchObject({ rule: 'tcp-failure', side, sentence: `${said}: 33 % of the connections failed` });
  });

  const refused = [readingWith(edge, { caller: tcp(fine, ended('UF,URX')), callee: tcp(fine) })];
  const risen = (name: string, side: 'caller' | 'callee', now = 900) => ({
    proxyCounters: { ok: true as const, value: [{ name, side, now, before: 0 }] },
  });

  it('speak of mutual TLS only where the proxies count it', () => {
    const plain = JSON.stringify(saidOf(refused));
    expect(plain).not.toMatch(/mutual TLS/i);
    for (const counter of [risen('ssl_fail_verify_error', 'caller'), risen('listener_ssl_connection_error', 'callee')]) {
      const { verdict } = saidOf(refused, counter);
      expect(verdict?.sentence).toMatch(/^Mutual TLS between bank and ledger fails/);
      expect(verdict?.evidence.join()).toMatch(/ssl_\w+ rose to 900/);
    }
  });

  it('are no matter of TLS for a scanner that breaks a few handshakes', () => {
    const { verdict } = saidOf(refused, risen('listener_ssl_connection_error', 'callee', 6));
    expect(verdict?.sentence).toMatch(/^bank cannot connect to ledger/);
    expect(JSON.stringify(verdict)).not.toMatch(/mutual TLS|ssl_/i);
  });

  it('that are closed, of a callee that nobody sees, may be mutual TLS: it is one of the first checks', () => {
    const check = (callee: boolean) =>
      saidOf([readingWith(edge, { caller: tcp(fine, ended('UC')), ...(callee ? { callee: tcp(fine) } : {}) })]).verdict
        ?.firstCheck;
    expect(check(false)?.sentence).toMatch(/mutual TLS/);
    expect(check(true)?.sentence).not.toMatch(/mutual TLS/);
  });

  it('in an ambient mesh are counted by ztunnels and waypoints, whose names are said', () => {
    const said = (flags: string, at: 'caller' | 'callee') =>
      saidOf([readingWith(edge, { caller: tcp(fine), callee: tcp(fine), [at]: tcp(fine, ended(flags)) })], { mesh: 'ambient' })
        .verdict;
    expect(said('NR', 'caller')?.sentence).toMatch(/^The waypoint of ledger has no route/);
    expect(said('NR', 'caller')?.side).toBe("callee's proxy");
    expect(said('UC', 'caller')?.evidence[0]).toMatch(/at the waypoint of ledger$/);
    expect(said('UC', 'caller')?.sentence).toMatch(/break after they were made/);
    expect(said('CONNECT', 'callee')?.sentence).toMatch(/^The ztunnel of ledger cannot reach its own application/);
    expect(said('TLS_FAILURE', 'callee')?.sentence).toMatch(/^Mutual TLS between bank and ledger fails/);
  });

  it('lead the walk down from the requests that need them', () => {
    const above = edgeNamed('payments', 'bank');
    const failing = { now: [[2000], [1000, '500']] as readonly Said[], usual: 3000 };
    const { verdict } = saidOf([
      readingWith(above, { caller: failing, callee: failing }),
      readingWith(edge, { caller: tcp(fine, ended('UF')), callee: tcp(fine) }),
    ]);
    expect([verdict?.rule, edgeTitle(verdict?.at ?? above)]).toEqual(['tcp-failure', 'bank → ledger']);
  });

  it('that clients end, or that end as ever, blame nobody', () => {
    for (const side of [tcp(fine, ended('DC')), tcp([3000, '', '-'])])
      expect(saidOf([readingWith(edge, { caller: side, callee: side })]).verdict).toMatchObject({
        rule: 'healthy',
        sentence: expect.stringContaining('connections failed'),
      });
  });

  it('the message speaks of connections, never of requests', () => {
    const readings = [readingWith(edge, { caller: tcp(fine, ended('UF')), callee: tcp(fine) })];
    const report = reportOf(edge, [alertWith()], { readings }, saidOf(readings));
    const said = spoken(root(report, setting, standing));
    expect(said).toMatch(/about 200 failed connections\/min/);
    expect(said.replace('connections, not requests', '').replace('counts connections here, no requests', '')).not.toMatch(
      /request/,
    );
  });
});
