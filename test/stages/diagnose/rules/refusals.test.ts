import { describe, expect, it } from 'vitest';
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
