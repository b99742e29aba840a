import type { Exchange } from '../../adapters/http/recording.ts';
import { type Recording, sourceNames } from '../shape.ts';
import { changedTraces } from './traces.ts';
import { codeLabels, ownLabels } from './vocabulary.ts';
import type { Manner } from './words.ts';

export type Told = (text: string, manner: Manner) => void;

const labelMaps = /^(labels|annotations|metric|seriesLabels|(group|common|route)Labels|commonAnnotations)$/;
const podLabels = /^(pod|pod_name|kubernetes_pod_name)$/;
const titleLabels = /^(alertname|severity|alertstate|alertgroup)$/;
const templateLabels = /^replicaset$|pod_template_hash$/;
const annotationMaps = /^(annotations|commonAnnotations)$/;
/** What the two APIs say in words of their own. */
const apiKeys =
  /^(status|resultType|type|health|state|errorType|value|values|stats|lastEvaluation|activeAt|startsAt|endsAt|keepFiringSince|version)$/;

/** String literals of PromQL: all that it takes from outside. */
export const literals = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`/g;
/** vmalert lists a rule as it was written, with what somebody wrote beside it. */
const literalsAndComments = new RegExp(`${literals.source}|#.*`, 'g');

const mannerOf = (label: string): Manner => {
  if (titleLabels.test(label)) return 'words';
  if (podLabels.test(label)) return 'pod';
  return templateLabels.test(label) ? 'template' : 'name';
};

const tellLabels = (labels: object, key: string, tell: Told): void => {
  // Elsewhere (an alert's label `reporter`, say) anybody may have given a label of a series another meaning.
  const isSeries = key === 'metric' || key === 'seriesLabels';
  for (const [name, value] of Object.entries(labels)) {
    if (typeof value !== 'string' || (isSeries && ownLabels.has(name))) continue;
    const manner = annotationMaps.test(key) || (isSeries && codeLabels.has(name)) ? 'words' : mannerOf(name);
    tell(value, manner);
    // `corp\alice`: nothing is quoted here, so what stands behind a backslash is a word, and may stand elsewhere.
    if (value.includes('\\')) tell(value.replaceAll('\\', ' '), manner);
  }
};

/** An exemplar's own labels: ids of a trace and its span stay, however they are called. */
const tellExemplar = (exemplar: object, tell: Told): void => {
  const labels = 'labels' in exemplar && typeof exemplar.labels === 'object' ? (exemplar.labels ?? {}) : {};
  const others = Object.entries(labels).filter(([, value]) => !/^(0x)?[0-9a-f]{8,32}$/i.test(String(value)));
  tellLabels(Object.fromEntries(others), 'labels', tell);
};

const isRecordingRule = (value: object): boolean => 'type' in value && value.type === 'recording' && 'query' in value;

/** Every text of a JSON value that may hold names. Answers may be deep: their depth is the source's, so it is walked without recursion. */
export const tellJson = (root: unknown, tell: Told): void => {
  const open: { readonly value: unknown; readonly key: string }[] = [{ value: root, key: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, key } = next;
    if (apiKeys.test(key)) continue;
    if (typeof value === 'string') {
      if (key === 'query') for (const [part] of value.matchAll(literalsAndComments)) tell(part, 'words');
      else tell(value, 'words');
    }
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) for (const item of value) open.push({ value: item, key });
    else if (labelMaps.test(key)) tellLabels(value, key, tell);
    else if (key === 'exemplars') tellExemplar(value, tell);
    else
      for (const [name, inner] of Object.entries(value))
        if (name !== 'name' || !isRecordingRule(value)) open.push({ value: inner, key: name });
  }
};

/** A body as JSON; undefined where it is none. */
export const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const tellExchange = (exchange: Exchange, traces: string | null, tell: Told): void => {
  if (!('body' in exchange)) return;
  const json = jsonOf(exchange.body);
  if (exchange.source !== traces) tellJson(json, tell);
  else
    changedTraces(json, (text, manner) => {
      tell(text, manner);
      return text;
    });
};

/** Every text of a recording that may hold names. What is asked of a source needs no look: its names come from what is told here. */
export const tellNames = ({ cluster, delivery, question, exchanges }: Recording, tell: Told): void => {
  tell(cluster.name, 'name');
  for (const { value } of cluster.pinned) tell(value, 'name');
  tellJson(delivery, tell);
  if (question !== undefined) tell(question, 'words');
  const { traces } = sourceNames(cluster);
  for (const exchange of exchanges) tellExchange(exchange, traces, tell);
};
