import type { Edge } from '../../domain/edge.ts';
import { asked, shortNames, voiceOf } from '../../domain/span-names.ts';
import type { PathPart, Trace } from '../../domain/trace.ts';
import { itself } from '../../domain/trace-words.ts';

/** Whose time parts are and in what it was spent, in the names of the sentence: "reviews → ratings", "GET /ratings/0". */
export const partLabels = (
  trace: Trace,
  edge: Edge | null,
): ((part: PathPart) => { readonly whose: string; readonly operation: string }) => {
  const voice = voiceOf(shortNames(trace, edge), 48);
  const whose = ({ service, time: kind, way, spans: [place = -1] }: PathPart): string => {
    if (kind === 'own') return voice.name(service);
    const last = way.at(-1) ?? service;
    if (kind === 'between') return `${voice.name(service)} → ${last === service ? itself(trace) : voice.name(last)}`;
    const whom = service === 'unknown' ? 'somebody' : voice.name(service);
    return `${voice.name(trace.spans[place]?.service ?? 'unknown')} waits for ${whom}`;
  };
  return (part) => {
    const span = trace.spans[part.spans[0] ?? -1];
    return {
      whose: whose(part),
      operation: voice.operation(span === undefined ? part.operation : asked(span, part.calls === 1)),
    };
  };
};
