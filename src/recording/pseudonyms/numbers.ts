import { type Recording, sourceNames } from '../shape.ts';
import { jsonOf, literals } from './collect.ts';
import { codeLabels } from './vocabulary.ts';
import { portsIn } from './words.ts';

const moments = /^(time|start|end|step|timeout|limit|lookback_delta)$/;
/** On both sides of a point: no word, but half of a figure. */
const halves = /(?<=\d\.)\d+|\d+(?=\.\d)/g;

/** A code or a bound that a question asks for. */
const asked = new RegExp(`\\b(?:${[...codeLabels].join('|')})\\s*(?:=~|!~|!=|=)\\s*(?:${literals.source})`, 'g');
const inPromql = (text: string): string => [text.replaceAll(literals, ' '), ...(text.match(asked) ?? [])].join(' ');

const digits = /\d+/g;

/** Every number of a JSON value that something reads: of PromQL outside its strings, of values, of codes and bounds. */
const tellNumbers = (root: unknown, tell: (text: string) => void): void => {
  const open: { readonly value: unknown; readonly key: string }[] = [{ value: root, key: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, key } = next;
    if (typeof value === 'string' && key === 'query') tell(inPromql(value));
    else if (typeof value === 'string' && (key === 'value' || codeLabels.has(key))) tell(value);
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, inner] of Object.entries(value)) open.push({ value: inner, key: Array.isArray(value) ? key : name });
  }
};

/** Whether a number of a recording is read as such somewhere: then it stays, wherever it stands. */
export const numbersIn = (recording: Recording): ((word: string) => boolean) => {
  const { cluster, delivery, exchanges } = recording;
  const { traces } = sourceNames(cluster);
  const found = new Set<string>();
  const tell = (text: string): void => {
    for (const [number] of text.matchAll(digits)) found.add(number);
  };
  for (const exchange of exchanges) {
    for (const [name, value] of [...exchange.query, ...exchange.form])
      if (moments.test(name)) tell(value);
      else if (name === 'query') tell(inPromql(value));
    if ('body' in exchange && exchange.source !== traces) tellNumbers(jsonOf(exchange.body), tell);
  }
  const text = JSON.stringify([delivery, exchanges]);
  for (const number of [...portsIn(text), ...(text.match(halves) ?? [])]) found.add(number);
  return (word) => found.has(word);
};
