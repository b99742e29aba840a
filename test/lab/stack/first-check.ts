import type { SaidVerdict } from './grade.ts';

/** Whether the first check of a message is the right one: the object that it names, and the command that looks there. */

/** "Deployment shop/payments" and "EnvoyFilter in shop" are in "shop"; what Kubernetes does not know is nowhere. */
const namespaceOf = (object: string): string | null =>
  (/([a-z0-9-]+)\//.exec(object) ?? / in ([a-z0-9-]+)$/.exec(object))?.[1] ?? null;

/** What a mesh knows by its own name: "payments-v1" of "Deployment shop/payments-v1", "Pod shop/payments-v1-…" or "Certificate of shop/payments-v1". */
const ownName = (object: string): string | null =>
  /^(?:Deployment|StatefulSet|DaemonSet|Pod|Service|Certificate of) [a-z0-9-]+\/(\S+)$/.exec(object)?.[1] ?? null;

/** Of settings no metric tells the name, only the kind. */
const settingKind = (object: string): string | null =>
  /^(?:VirtualService|HTTPRoute|DestinationRule|ServiceEntry|EnvoyFilter|Sidecar|WasmPlugin|\w+Policy|\w+Authentication)\b/.exec(
    object,
  )?.[0] ?? null;

/** "virtualservices" and "authorizationpolicies" ask for their kinds; `istioctl analyze` reads every one (istio.io, "Diagnose your configuration"). */
const asksFor = (command: string, kind: string): boolean =>
  command.startsWith('istioctl analyze ') || command.includes(kind.toLowerCase().replace(/y$/, ''));

const whyNotCommand = (object: string, command: string): readonly string[] => {
  // A pattern for its pods ends in a dash.
  const words = command.split(/[^A-Za-z0-9.-]+/).map((word) => word.replace(/-$/, ''));
  const [namespace, name, kind] = [namespaceOf(object), ownName(object), settingKind(object)];
  if (namespace !== null && !words.includes(namespace)) return [`looks elsewhere than at ${object} (${command})`];
  if (name !== null && !words.includes(name)) return [`names ${object}, but its command does not (${command})`];
  return kind !== null && !asksFor(command, kind)
    ? [`names ${object}, but its command asks for something else (${command})`]
    : [];
};

/** Why a first check is not the right one; empty where it is. The object is the one that the truth names, all of it. */
export const whyNotCheck = (pattern: string, { object, command, firstCheck }: SaidVerdict): readonly string[] => {
  if (object === null || !new RegExp(`^(?:${pattern})$`).test(object))
    return [`sends the reader to ${object ?? firstCheck} (${command ?? 'no command'}), not /${pattern}/`];
  return command === null ? [] : whyNotCommand(object, command);
};
