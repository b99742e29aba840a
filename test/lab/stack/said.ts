import type { Diagnosis } from '../../../src/domain/diagnosis.ts';
import { calleeName, callerName, type Edge, edgeOf } from '../../../src/domain/edge.ts';
import type { Evidence } from '../../../src/domain/evidence.ts';
import type { Message } from '../../../src/domain/message.ts';
import { spoken } from '../../../src/stages/compose/spoken.ts';
import type { EdgeName, Pod } from '../lab.ts';
import type { Said } from './grade.ts';

/** "payments-v1" → "payments": the truth names services. */
export type ServiceOf = (name: string) => string;

export const serviceOfPods = (pods: readonly Pod[]): ServiceOf => {
  const services = new Map(pods.map(({ workload, service }) => [workload, service]));
  return (name) => services.get(name) ?? name;
};

const nameOf = (edge: Edge, serviceOf: ServiceOf): EdgeName => [serviceOf(callerName(edge)), serviceOf(calleeName(edge))];

const headerOf = ({ blocks, text }: Message): string => {
  const [first] = blocks;
  const inside = first?.type === 'header' ? (first['text'] as { readonly text?: string }).text : undefined;
  return inside ?? text.split('\n')[0] ?? '';
};

/** The edge of the alert's own labels, as the shipped rules have them. */
const alertEdgeOf = ({ alerts }: Evidence, serviceOf: ServiceOf): EdgeName | null => {
  const labels: Readonly<Record<string, string>> = alerts[0]?.labels ?? {};
  const [caller, callee] = [labels['source_workload'], labels['destination_service_name']];
  return caller === undefined || callee === undefined ? null : [serviceOf(caller), callee];
};

const spokenBlocks = ({ blocks }: Message): readonly string[] => blocks.map((block) => spoken({ text: '', blocks: [block] }));

/** One message as it is graded. Without evidence there is nothing but words: the question was not understood, or nothing was found. */
export const saidOf = (
  given: Pick<Said, 'way' | 'about'>,
  message: Message,
  found: { readonly evidence: Evidence; readonly diagnosis: Diagnosis } | null,
  serviceOf: ServiceOf,
): Said => {
  const verdict = found?.diagnosis.verdict ?? null;
  const edge = verdict?.at ?? found?.evidence.path.at(-1) ?? (found === null ? null : edgeOf(found.evidence.subject));
  return {
    ...given,
    header: headerOf(message),
    // The third block of a root (src/stages/compose/root.ts).
    verdictText: spokenBlocks(message)[2] ?? '',
    text: `${message.text}\n${spoken(message)}`,
    edge: edge === null ? null : nameOf(edge, serviceOf),
    alertEdge: found === null ? null : alertEdgeOf(found.evidence, serviceOf),
    verdict:
      verdict === null
        ? null
        : {
            rule: verdict.rule,
            side: verdict.side,
            confidence: verdict.confidence,
            sentence: verdict.sentence,
            firstCheck: verdict.firstCheck.sentence,
            command: verdict.firstCheck.command,
            object: verdict.firstCheck.object,
          },
  };
};

/** The sign is the severity of the loudest alert, of which a replay may know one less. */
const withoutSign = (header: string): string => header.replace(/^\p{Extended_Pictographic}\S*\s+/u, '');

/** Header, verdict and first check of a message: what must stand in the workspace as the replay has it. */
export const heart = (message: Message): string => {
  const [header = '', _, verdict = '', ...others] = spokenBlocks(message);
  const check = others.find((text) => text.startsWith('First check:')) ?? '';
  return [withoutSign(header), verdict, check].filter((text) => text !== '').join('\n');
};
