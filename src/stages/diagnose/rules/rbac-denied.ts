import { refusedWith } from '../refused.ts';
import type { Rule } from '../rule.ts';

/** 403 without a flag: RBAC prints none (AuthorizationPolicy), and the application's own 403 looks alike. Only a counter tells them apart. */
export const rbacDenied: Rule = {
  name: 'rbac-denied',
  find: (scene) =>
    refusedWith(scene, {
      code: '403',
      counter: scene.evidence.mesh === 'linkerd' ? 'inbound_http_authz_deny_total' : 'http_rbac_denied',
      object: 'AuthorizationPolicy',
      resource: 'authorizationpolicies',
      proven: (who, amount) => `An AuthorizationPolicy of ${who.owner} denies ${who.sender.name}: ${amount}`,
      supposed: (who, amount) =>
        `${who.sender.name} may not call ${who.callee}: ${amount}, by an AuthorizationPolicy or by ${who.callee} itself`,
      check: (who) =>
        `See which AuthorizationPolicy selects ${who.owner}, and whether it allows ${who.sender.isOutside ? 'what they send' : `the identity of ${who.sender.name}`}`,
    }),
};
