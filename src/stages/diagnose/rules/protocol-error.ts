import { firstCheck } from '../../../domain/command.ts';
import { counted, share } from '../../../domain/words.ts';
import { withoutDestination } from '../arrival.ts';
import { calleeOf, logs, serviceOf, settings } from '../look.ts';
import type { Rule } from '../rule.ts';
import {
  badAt,
  badWith,
  codeAndFlag,
  confidenceOf,
  flagsOf,
  hasErrors,
  isMost,
  mostly,
  named,
  proxyOf,
  requestsAt,
  type Scene,
} from '../scene.ts';
import { senderCheck, senderDoes, senderOf } from '../sender.ts';
import { tlsCause } from '../tls.ts';

type Found = ReturnType<Rule['find']>;

const notHttp = codeAndFlag(/^5/, 'UPE');
const reset = codeAndFlag(/^5/, 'UR');
const brokenRequest = codeAndFlag(/^4/, 'DPE');
const connection = codeAndFlag(/^5/, 'UF', 'UC');

/** 502 UPE: the answer was no HTTP at all, or its headers were too large. */
const badAnswers = (scene: Scene): Found => {
  const part = mostly(scene, notHttp);
  if (part === null) return null;
  const { callee } = scene;
  const service = serviceOf(scene);
  return {
    side: 'callee application',
    confidence: confidenceOf(scene, part.requests, part.whole),
    sentence: `${callee} does not answer in the HTTP that ${proxyOf(scene, part.at)} expects: ${share(part.requests, requestsAt(scene, part.at))} failed`,
    evidence: [
      `${counted(part.requests, 'request')} ended with UPE (the answer broke the protocol) at ${proxyOf(scene, part.at)}`,
      'another protocol than the port is declared for, TLS where none is expected, or headers that are too large',
    ],
    firstCheck: firstCheck(
      `Compare the port's name or appProtocol of ${callee} with what it speaks, and see the size of its headers`,
      service.object,
      [service.namespace, service.name],
      (ns, name) => `kubectl -n ${ns} get service ${name} -o yaml`,
    ),
    badEvents: part.requests,
    explains: ['callee-errors', 'connection-failure', 'retry-exhausted', 'proxy-answered'],
  };
};

/** UR before the headers: the application reset the HTTP/2 stream. Together with refused or closed connections it is simply down. */
const resetStreams = (scene: Scene): Found => {
  const part = mostly(scene, reset);
  if (part === null || part.at !== 'callee' || badWith(scene, 'callee', connection) > part.requests / 5) return null;
  const { callee } = scene;
  return {
    side: 'callee application',
    confidence: confidenceOf(scene, part.requests, part.whole),
    sentence: `${callee} resets its HTTP/2 streams instead of answering: ${share(part.requests, requestsAt(scene, part.at))} failed`,
    evidence: [
      `${counted(part.requests, 'request')} ended with UR (reset by the application) at ${proxyOf(scene, part.at)}`,
      'it refuses streams beyond its own limit, cancels them, or fails in its handler',
    ],
    firstCheck: logs(`See the log of ${callee} and its limit of concurrent streams`, calleeOf(scene)),
    badEvents: part.requests,
    explains: ['callee-errors', 'connection-failure', 'retry-exhausted'],
  };
};

/** 400 DPE at the callee while the caller's proxy cannot connect: the bytes are a TLS handshake on a plaintext port. */
const tlsOnPlainPort = (scene: Scene): Found => {
  const failed = badWith(scene, 'caller', connection);
  const broken = badWith(scene, 'callee', brokenRequest);
  const whole = badAt(scene, 'caller');
  if (!hasErrors(scene) || broken < 5 || !isMost(failed, whole) || tlsCause(scene) !== null) return null;
  const { caller, callee, namespace } = scene;
  return {
    side: 'network/TLS',
    confidence: confidenceOf(scene, failed, whole),
    sentence: `${caller} speaks TLS to a plaintext port of ${callee}: ${share(failed, requestsAt(scene, 'caller'))} failed`,
    evidence: [
      `${counted(failed, 'request')} ended with ${flagsOf(scene, 'caller', connection, 'UF', 'UC')} at ${proxyOf(scene, 'caller')}`,
      `${counted(broken, 'broken request')} (DPE) at ${proxyOf(scene, 'callee')}: what arrives there is no HTTP`,
    ],
    firstCheck: settings(
      `Compare the tls mode of the DestinationRule for ${callee} with what its port takes`,
      `DestinationRule ${named(namespace, callee)}`,
      namespace,
      'peerauthentications,destinationrules',
    ),
    badEvents: failed,
    explains: ['callee-errors', 'connection-failure', 'mtls-failure'],
  };
};

/**
 * 400 DPE at the caller's proxy: what its own application sends is no valid HTTP. Such a request has no destination yet, so it explains
 * nothing of what fails on the edge unless there is more of it.
 */
const brokenClient = (scene: Scene): Found => {
  const part = mostly(scene, brokenRequest);
  const nameless = withoutDestination(scene, brokenRequest);
  const own = part?.at === 'caller' ? part.requests : 0;
  if (own === 0 && nameless <= badAt(scene, 'caller')) return null;
  const { caller } = scene;
  const sender = senderOf(scene);
  return {
    side: 'caller',
    confidence: part?.at === 'caller' ? confidenceOf(scene, own, part.whole) : 'possible',
    sentence: `${senderDoes(sender, 'send')} what is no valid HTTP: ${sender.isOutside ? 'it' : 'its proxy'} refused ${counted(own + nameless, 'request')} with 400`,
    evidence: [
      `${counted(own + nameless, 'request')} ended with DPE (the client broke the protocol) at ${proxyOf(scene, 'caller')}`,
      'a broken header, another protocol on an HTTP port, or a faulty client library',
    ],
    firstCheck: senderCheck(scene, `See the last rollout of ${caller} and its HTTP library`),
    badEvents: own + nameless,
    explains: ['callee-errors', 'proxy-answered'],
  };
};

/** 400 DPE at the callee's proxy alone, of a caller that it cannot name: no HTTP arrives, as when TLS comes to a port that takes plaintext. */
const brokenAndNameless = (scene: Scene): Found => {
  const part = mostly(scene, brokenRequest);
  const { callee, edge, judged, namespace } = scene;
  if (part?.at !== 'callee' || judged.reading.caller !== null || edge.source.workload !== null) return null;
  return {
    side: 'network/TLS',
    confidence: confidenceOf(scene, part.requests, part.whole),
    sentence: `An unknown caller sends ${callee} what is no HTTP: ${share(part.requests, requestsAt(scene, 'callee'))} of its requests failed`,
    evidence: [
      `${counted(part.requests, 'broken request')} (DPE) at ${proxyOf(scene, 'callee')}, which cannot tell who sends them`,
      'TLS on a port that takes plaintext, another protocol, or a scanner',
    ],
    firstCheck: firstCheck(
      `Compare what the port of ${callee} takes with the tls mode of its callers, inside and outside the mesh`,
      `DestinationRule ${named(namespace, callee)}`,
      [namespace],
      (ns) => `kubectl -n ${ns} get peerauthentications,destinationrules -o yaml`,
    ),
    badEvents: part.requests,
    explains: ['callee-errors'],
  };
};

/** UPE, UR and DPE: one of the two does not speak the protocol that the other expects. */
export const protocolError: Rule = {
  name: 'protocol-error',
  find: (scene) =>
    tlsOnPlainPort(scene) ?? badAnswers(scene) ?? resetStreams(scene) ?? brokenAndNameless(scene) ?? brokenClient(scene),
};
