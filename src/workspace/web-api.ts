import type { IncomingMessage, ServerResponse } from 'node:http';
import { rateLimits } from './limits.ts';
import { type Answer, type Arguments, type Context, failed, type Method, textOf } from './methods/call.ts';
import { methods } from './methods.ts';
import { appId } from './people.ts';
import { argumentsOf, send } from './wire.ts';

/** How a call shall go wrong, once or several times. */
export type Fault =
  | { readonly kind: 'error'; readonly error: string }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number }
  /** The method runs, and its answer never comes. */
  | { readonly kind: 'timeout-after-accept' }
  | { readonly kind: 'reset' };

export type Call = { readonly method: string; readonly given: Arguments; readonly atMs: number };

export const tokens = { bot: 'xoxb-demo-workspace-edgewise', app: `xapp-1-${appId}-demo-workspace` } as const;

/** Every scope that a method here asks for, but for reading direct messages. */
export const allScopes: readonly string[] = [
  'chat:write',
  'commands',
  'files:write',
  'files:read',
  'channels:read',
  'channels:join',
  'channels:history',
  'groups:read',
  'groups:history',
  'users:read',
  'usergroups:read',
  'im:write',
];

type WebApiOptions = {
  readonly isStrict: boolean;
  readonly isDistributed: boolean;
  readonly scopes: readonly string[];
  /** What a method sees at the moment of its call. */
  readonly contextNow: () => Context;
};

/** Why a token is refused; null when it is the one that the method takes. */
const refusedToken = (method: Method, token: string): string | null => {
  if (method.token === 'any') return null;
  if (token === '') return 'not_authed';
  if (token !== tokens.app && token !== tokens.bot) return 'invalid_auth';
  return token === (method.token === 'app' ? tokens.app : tokens.bot) ? null : 'not_allowed_token_type';
};

type Outcome = { readonly answer: Answer; readonly status: number; readonly headers: Record<string, string> };

const said = (answer: Answer, status = 200, headers: Record<string, string> = {}): Outcome => ({ answer, status, headers });

/** The Web API: tokens, scopes and rate limits as Slack has them, the methods behind, and faults on demand. */
export const webApi = ({ isStrict, isDistributed, scopes, contextNow }: WebApiOptions) => {
  const calls: Call[] = [];
  const faults = new Map<string, Fault[]>();
  const limited = rateLimits(isStrict, isDistributed);

  const runMethod = (method: string, given: Arguments, token: string): Outcome => {
    const known = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!known) return said(failed('unknown_method', { req_method: method }));
    const refused = refusedToken(known, token);
    if (refused !== null) return said(failed(refused));
    const scope = typeof known.scope === 'function' ? known.scope(contextNow(), given) : known.scope;
    if (scope !== null && !scope.split(',').every((needed) => scopes.includes(needed)))
      return said(failed('missing_scope', { needed: scope, provided: scopes.join(',') }), 200, {
        'x-oauth-scopes': scopes.join(','),
        'x-accepted-oauth-scopes': scope,
      });
    const missing = (known.required ?? []).filter((name) => textOf(given, name) === null);
    if (missing.length > 0)
      return said(
        failed('invalid_arguments', {
          response_metadata: { messages: missing.map((name) => `[ERROR] missing required field: ${name}`) },
        }),
      );
    const waitSeconds = limited(method, String(given['channel'] ?? ''), contextNow().nowMs);
    if (waitSeconds !== null) return said(failed('ratelimited'), 429, { 'retry-after': String(waitSeconds) });
    return said(known.run(contextNow(), given), 200, { 'x-oauth-scopes': scopes.join(',') });
  };

  const handle = async (method: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const read = await argumentsOf(request);
    if ('problem' in read) return send(response, failed(read.problem));
    const { given } = read;
    const token = (request.headers.authorization ?? '').replace(/^Bearer\s+/i, '') || String(given['token'] ?? '');
    calls.push({ method, given, atMs: contextNow().nowMs });
    const fault = faults.get(method)?.shift() ?? faults.get('*')?.shift();
    if (fault?.kind === 'reset') return void request.socket.destroy();
    if (fault?.kind === 'error') return send(response, failed(fault.error));
    if (fault?.kind === 'status') {
      const { status, retryAfter } = fault;
      return send(response, failed('internal_error'), status, retryAfter === undefined ? {} : { 'retry-after': `${retryAfter}` });
    }
    const { answer, status, headers } = runMethod(method, given, token);
    if (fault?.kind !== 'timeout-after-accept') send(response, answer, status, headers);
  };

  return {
    calls,
    handle,
    /** The next `times` calls of `method` (`*`: of any) go wrong. */
    fail: (method: string, fault: Fault, times: number): void => {
      faults.set(method, [...(faults.get(method) ?? []), ...Array.from({ length: times }, () => fault)]);
    },
  };
};
