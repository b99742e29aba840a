import type { Finding } from '../../../domain/diagnosis.ts';
import { edgeTitle } from '../../../domain/edge.ts';
import type { Span } from '../../../domain/trace.ts';
import { originWords } from '../../../domain/trace-words.ts';
import { callsBelow } from '../below.ts';
import { logs } from '../look.ts';
import type { Scene } from '../scene.ts';
import { placeTraced } from './place.ts';
import { type Told, tells } from './told.ts';
import { countedBelow, standOfOrigin, unlessMissing, type Worst, worstOf } from './worst.ts';

/** Where the failure of the worst request began. */
type Origin = {
  readonly worst: Worst;
  readonly span: Span;
  readonly line: string;
  /** It lies below the callee, with somebody whose calls nobody counts. */
  readonly isUncounted: boolean;
};

/** Null where the request did not fail. */
const originOf = (scene: Scene): Origin | null => {
  const worst = worstOf(scene);
  const place = worst?.analysis.errorOrigin ?? null;
  const span = worst?.trace.spans[place ?? -1];
  if (worst === null || place === null || span === undefined || !worst.focus.isError) return null;
  const stand = standOfOrigin(scene, worst, place);
  const known = stand.kind === 'below' ? countedBelow(scene, stand.hop) : null;
  const counted = callsBelow(scene).kind;
  const isDenied = known !== null && counted === 'clear';
  const against = isDenied ? `, which metrics of ${edgeTitle(known.edge)} do not show` : '';
  const line = `in the worst traced request it began ${originWords(span, worst.voice)}${against}${unlessMissing(worst)}`;
  const isNamed = stand.kind === 'below' && stand.hop.length > 0;
  // Whom metrics suspect already comes before whom one request names.
  const isUncounted = isNamed && known === null && counted !== 'suspect' && !worst.mayBeIncomplete;
  return { worst, span, line, isUncounted };
};

/**
 * Of a callee that answers with errors: where that of the worst request began. With somebody whose calls nobody counts it is there that the
 * log is read first, and `orElse` says the sentence anew. The side stays: that the callee answers so was counted, and this is one request.
 */
export const toldOfErrors = (scene: Scene, { evidence }: Finding, orElse: ((whom: string) => string) | null): Told | null => {
  const origin = originOf(scene);
  if (origin === null) return null;
  const told = tells(evidence, origin.line, 'origin');
  if (!origin.isUncounted) return told;
  const { name, place } = placeTraced(scene, origin.worst, origin.span);
  return {
    ...told,
    ...(orElse === null ? {} : { sentence: orElse(name) }),
    firstCheck: logs(
      `Read the errors in the log of ${name}, where it began in the worst traced request; then in that of ${scene.callee}`,
      place,
    ),
  };
};
