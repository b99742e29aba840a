import type { Side } from '../../../../src/domain/diagnosis.ts';
import type { Fault } from '../flags.ts';

/** What must be said of a fault, and words that must not. */
export type Truth = { readonly rule: string; readonly side: Side; readonly object: RegExp; readonly not?: RegExp };
export type Row = readonly [name: string, fault: Fault, truth: Truth];

export const application = 'callee application' as const;
export const callersProxy = "caller's proxy" as const;
export const calleesProxy = "callee's proxy" as const;
export const network = 'network/TLS' as const;
export const deployment = /^Deployment shop\/payments-v1$/;
export const retried = /retried|tried again|tried \d/;
