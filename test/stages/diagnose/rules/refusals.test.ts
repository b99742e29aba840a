import { describe, expect, it } from 'vitest';
import { got } from '../../../../src/domain/gathered.ts';
import { readingWith, type Said, saidOf } from '../../../support/edges.ts';
import { edgeNamed } from '../../../support/report.ts';
import { diagnosed, type Fault } from '../flags.ts';

const said = (fault: Fault) => diagnosed(fault).verdict;
const words = (fault: Fault): string => [said(fault)?.sentence, ...(said(fault)?.evidence ?? [])].join(' · ');

describe('a 403 of external authorization', () => {
  const refused = { caller: '403 -', callee: '403 UAEX' };

  it('is what the filter says of a service that it cannot ask too: both are named while nobody shows the counters', () => {
    expect(said(refused)?.sentence).toMatch(/denies 30 % .*, or cannot be asked: HTTP 403 is the answer either way$/);
    expect(said(refused)?.firstCheck.sentence).toMatch(/runs and answers in time; if so,/);
    const grpc = said({ caller: '200/7 -', callee: '200/7 UAEX' });
    expect(grpc?.sentence).toMatch(/, or cannot be asked: PERMISSION_DENIED \(gRPC 7\) is the answer either way$/);
  });

  it('is a decision where the denials are counted, or no error is', () => {
    for (const moved of [['callee/http_ext_authz_denied'], ['callee/http_ext_authz_error=0']])
      expect(words({ ...refused, moved })).toMatch(/denies 30 % .* it is a decision, not a failure$/);
    expect(words({ ...refused, moved: ['callee/http_ext_authz_denied=20'] })).toMatch(/cannot be asked/);
  });

  it('with a code of the service’s own is no guess about tokens', () => {
    const { findings } = diagnosed({ caller: '401 -', callee: '401 UAEX' });
    expect(findings.map(({ rule }) => rule)).toEqual(['external-authorization']);
  });
});

describe('a refusal of a gRPC call', () => {
  it('is told by its status, not by a code that nobody saw', () => {
    const rbac = words({ caller: '200/7 -', callee: '200/7 -', moved: ['callee/http_rbac_denied'] });
    expect(rbac).toMatch(
      /30 % refused with PERMISSION_DENIED \(gRPC 7\) · 900 requests got PERMISSION_DENIED \(gRPC 7\) without/,
    );
    expect(words({ caller: '200/16 -', callee: '200/16 -' })).toMatch(/30 % refused with UNAUTHENTICATED \(gRPC 16\), by a/);
  });
});

describe('a refusal at the entrance', () => {
  const entrance = edgeNamed('istio-ingressgateway', 'storefront');
  const sides = (code: string) => ({
    caller: { now: [[2100], [900, code]] as readonly Said[] },
    callee: { now: [[2100]] as readonly Said[], usual: 3000 },
  });
  const counted = (name: string, side: 'caller' | 'callee') => ({ proxyCounters: got([{ name, side, now: 900, before: 0 }]) });

  it('is by a policy of the gateway against its clients, where its own counter says so', () => {
    const jwt = saidOf([readingWith(entrance, sides('401'))], counted('http_jwt_authn_denied', 'caller')).verdict;
    expect([jwt?.rule, jwt?.confidence, jwt?.sentence]).toEqual([
      'jwt-refused',
      'likely',
      'The token that the clients of istio-ingressgateway send to storefront is missing or not valid: 30 % refused with HTTP 401',
    ]);
    expect(jwt?.firstCheck).toMatchObject({
      object: 'RequestAuthentication in shop',
      sentence: expect.stringMatching(/whether istio-ingressgateway can reach their issuer and its keys$/),
    });
    const rbac = saidOf([readingWith(entrance, sides('403'))], counted('http_rbac_denied', 'caller')).verdict;
    expect(rbac?.sentence).toMatch(
      /^An AuthorizationPolicy of istio-ingressgateway denies the clients of istio-ingressgateway: /,
    );
  });

  it('that nobody counts is no word of the application that never saw it', () => {
    const { findings } = saidOf([readingWith(entrance, sides('403'))]);
    expect(findings[0]).toMatchObject({ rule: 'rbac-denied', confidence: 'possible', side: 'policy' });
    expect(findings[0]?.sentence).toBe(
      'istio-ingressgateway refuses its clients itself, before storefront sees them: 30 % refused with HTTP 403',
    );
    expect(findings.map(({ rule }) => rule)).not.toContain('proxy-answered');
  });

  it('by a policy of whom it calls is laid on that one', () => {
    const both = { now: [[2100], [900, '403']] as readonly Said[] };
    const { verdict } = saidOf([readingWith(entrance, { caller: both, callee: both })], counted('http_rbac_denied', 'callee'));
    expect(verdict?.sentence).toMatch(/^An AuthorizationPolicy of storefront denies istio-ingressgateway: /);
  });
});
