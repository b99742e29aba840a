import { printsFlags } from '../../../domain/mesh.ts';
import { refusedWith } from '../refused.ts';
import type { Rule } from '../rule.ts';

/** 401 without a flag: the JWT filter prints none (RequestAuthentication), and the application's own 401 looks alike. */
export const jwtRefused: Rule = {
  name: 'jwt-refused',
  find: (scene) => {
    // Linkerd verifies no tokens: there a 401 is the application's own.
    if (!printsFlags(scene.evidence.mesh)) return null;
    return refusedWith(scene, {
      code: '401',
      counter: 'http_jwt_authn_denied',
      object: 'RequestAuthentication',
      resource: 'requestauthentications',
      proven: (who, amount) =>
        `The token that ${who.sender.name} ${who.sender.isOutside ? 'send' : 'sends'} to ${who.callee} is missing or not valid: ${amount}`,
      supposed: (who, amount) =>
        `${who.sender.name} is not known to ${who.callee}: ${amount}, by a RequestAuthentication or by ${who.callee} itself`,
      check: (who) =>
        `See whether the tokens of ${who.sender.name} have expired, and whether ${who.owner} can reach their issuer and its keys`,
    });
  },
};
