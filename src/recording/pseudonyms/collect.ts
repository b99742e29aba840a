import type { Exchange } from '../../adapters/http/recording.ts';
import type { Recording } from '../shape.ts';
import { codeLabels, ownLabels } from './vocabulary.ts';

/**
 * `name`: the value of a label. `pod`, `template`: it may end in what Kubernetes draws at random. `words`: text for people, an address, the
 * name of a rule, or what a rule compares names with.
 */
export type Manner = 'name' | 'pod' | 'template' | 'words';
export type Told = (text: string, manner: Manner) => void;

const labelMaps = /^(labels|annotations|metric|(group|common|route)Labels|commonAnnotations)$/;
const podLabels = /^(pod|pod_name|kubernetes_pod_name)$/;
const titleLabels = /^(alertname|severity|alertstate|alertgroup)$/;
const templateLabels = /^replicaset$|pod_template_hash$/;
const annotationMaps = /^(annotations|commonAnnotations)$/;
/** What the two APIs say in words of their own. */
const apiKeys =
  /^(status|resultType|type|health|state|errorType|value|values|stats|lastEvaluation|activeAt|startsAt|endsAt|keepFiringSince|version)$/;

/** String literals of PromQL: all that it takes from outside. */
export const literals = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`/g;

const mannerOf = (label: string): Manner => {
  if (titleLabels.test(label)) return 'words';
  if (podLabels.test(label)) return 'pod';
  return templateLabels.test(label) ? 'template' : 'name';
};

/** Labels of a series; elsewhere (an alert's label `reporter`, say) anybody may have given them another meaning. */
const seriesLabels = 'metric';

const tellLabels = (labels: object, key: string, tell: Told): void => {
  for (const [name, value] of Object.entries(labels))
    if (typeof value === 'string' && !(codeLabels.has(name) && (key === seriesLabels || ownLabels.has(name))))
      tell(value, annotationMaps.test(key) ? 'words' : mannerOf(name));
};

const isRecordingRule = (value: object): boolean => 'type' in value && value.type === 'recording' && 'query' in value;

/** Every text of a JSON value that may hold names. Answers may be deep: their depth is the source's, so it is walked without recursion. */
export const tellJson = (root: unknown, tell: Told): void => {
  const open: { readonly value: unknown; readonly key: string }[] = [{ value: root, key: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, key } = next;
    if (apiKeys.test(key)) continue;
    if (typeof value === 'string') {
      if (key === 'query') for (const [literal] of value.matchAll(literals)) tell(literal.slice(1, -1), 'words');
      else tell(value, 'words');
    }
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) for (const item of value) open.push({ value: item, key });
    else if (labelMaps.test(key)) tellLabels(value, key, tell);
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

const tellExchange = (exchange: Exchange, tell: Told): void => {
  if ('body' in exchange) tellJson(jsonOf(exchange.body), tell);
};

/** Every text of a recording that may hold names. What is asked needs no look: its names come from the delivery, the rules and the answers. */
export const tellNames = ({ cluster, delivery, exchanges }: Recording, tell: Told): void => {
  tell(cluster.name, 'name');
  for (const { value } of cluster.pinned) tell(value, 'name');
  tellJson(delivery, tell);
  for (const exchange of exchanges) tellExchange(exchange, tell);
};

/** Metrics of meshes, of Kubernetes and of containers, and the tags by which the parts of a question are told apart. */
const ownNames =
  /\b(?:istio|envoy|pilot|galley|citadel|kube|container|process|response|request)_\w+|(?<="edgewise(?:_\w+)?",\s*)"[^"]*"/g;

/** What is asked in words of our own: they are no installation's names, and another word would be another question. */
export const ownTexts = ({ exchanges }: Pick<Recording, 'exchanges'>): readonly string[] =>
  exchanges.flatMap(({ form, query }) =>
    [...form, ...query].flatMap(([name, value]) => (name === 'query' ? (value.match(ownNames) ?? []) : [])),
  );
