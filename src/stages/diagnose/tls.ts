import type { Counts } from '../../domain/signals.ts';
import { neverArrived } from './arrival.ts';
import { isShown, rose } from './counters.ts';
import { isOfCallee } from './facts.ts';
import { badWith, codeAndFlag, hasErrors, isMost, type Scene, wholeAt } from './scene.ts';

/** What is wrong between the two ends of a TLS handshake. */
export type TlsCause =
  | 'callee not trusted'
  | 'wrong identity'
  | 'caller refused'
  | 'no certificate'
  | 'plaintext to TLS'
  | 'TLS to plaintext'
  | 'handshake'
  | 'suspected';

const broken = codeAndFlag(/^5/, 'UF', 'UC');

/** Requests that the caller's proxy could not bring over a connection, where they are most of what fails. */
export const unconnected = (scene: Scene): number => {
  const failed = badWith(scene, 'caller', broken);
  return hasErrors(scene) && isMost(failed, wholeAt(scene, 'caller')) ? failed : 0;
};

/** A port scanner and a probe break handshakes too: many failures have more than a few of them behind. One connection carries several requests. */
export const isBehind = (rise: number, failed: number): boolean => rise > failed / 20;

/** By the counters of both proxies: a certificate is verified by one end, and refused with an alert that the other end counts as an error. */
const byCounters = (scene: Scene, failed: number): TlsCause | null => {
  const at = (side: 'caller' | 'callee', name: string): boolean => isBehind(rose(scene, side, name), failed);
  if (at('caller', 'ssl_fail_verify_san')) return 'wrong identity';
  if (at('caller', 'ssl_fail_verify_error')) return 'callee not trusted';
  if (at('callee', 'listener_ssl_fail_verify_no_cert')) return 'no certificate';
  if (at('callee', 'listener_ssl_fail_verify_error')) return 'caller refused';
  const isTls = at('caller', 'ssl_connection_error');
  if (isTls && (at('callee', 'http_downstream_cx_protocol_error') || badWith(scene, 'callee', codeAndFlag(/^4/, 'DPE')) >= 5))
    return 'TLS to plaintext';
  // In TLS 1.3 the client thinks the handshake done before the server has looked at its certificate.
  if (isTls && at('caller', 'ssl_handshake') && mostlyClosed(scene)) return 'caller refused';
  // Where mutual TLS is demanded, Istio's listener has no filter chain for plaintext: it closes without a word of TLS.
  if (!isTls && at('callee', 'listener_no_filter_chain_match') && mostlyClosed(scene)) return 'plaintext to TLS';
  if (!isTls && at('callee', 'listener_ssl_connection_error')) return mostlyClosed(scene) ? 'plaintext to TLS' : 'handshake';
  return isTls ? 'handshake' : null;
};

const mostlyClosed = (scene: Scene): boolean =>
  badWith(scene, 'caller', codeAndFlag(/^5/, 'UC')) > badWith(scene, 'caller', broken) / 2;

const isReplaced = ({ evidence, edge }: Scene): boolean =>
  evidence.changes.ok &&
  evidence.changes.value.some(
    (change) => ['restart', 'out-of-memory', 'rollout', 'scale'].includes(change.kind) && isOfCallee(change, edge),
  );

/** The later half of now, when a fault that began in the window had it to itself. */
const lately = (scene: Scene, side: 'caller' | 'callee'): Counts | null => {
  const counts = scene.judged.reading[side]?.counts;
  return counts === undefined ? null : (counts.halves?.[1] ?? counts.now);
};

/**
 * Nearly everything is closed at once and nothing arrives: what plaintext to a strict port and a refused TLS 1.3 client look like. A proxy
 * that was killed cuts what was on its way, and refuses what comes after (UF).
 */
const isSuspect = (scene: Scene): boolean => {
  const [sent, got] = [lately(scene, 'caller'), lately(scene, 'callee')];
  if (sent === null || !mostlyClosed(scene) || !neverArrived(scene) || isReplaced(scene)) return false;
  if (isShown(scene, 'callee', 'listener_no_filter_chain_match')) return false;
  return sent.failed >= 0.8 * sent.requests && (got?.requests ?? 0) < sent.requests / 4;
};

/** Why TLS fails on this edge; null where nothing says that it does. */
export const tlsCause = (scene: Scene): TlsCause | null => {
  const failed = unconnected(scene);
  if (failed === 0) return null;
  return byCounters(scene, failed) ?? (isSuspect(scene) ? 'suspected' : null);
};
