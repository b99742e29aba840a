import { Document } from 'yaml';
import type { RuleFile } from '../../domain/slo/rule-file.ts';

/** One line, whatever is in the text: in a comment a line break would end it. */
const inComment = (text: string): string => ` ${text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim()}`;

const list = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];

const headOf = (head: string, { refused, notices }: Omit<RuleFile, 'groups'>): string =>
  [
    head,
    ...list(
      'Without rules:',
      refused.map(({ name, reason }) => `${name}: ${reason}`),
    ),
    ...list(
      'To know:',
      notices.map(({ name, text }) => `${name}: ${text}`),
    ),
  ]
    .map((line) => (line.startsWith('  ') ? `  ${inComment(line)}` : inComment(line)))
    .join('\n');

/** For Prometheus' `rule_files`, or as an object for its operator (prometheus-operator.dev, "PrometheusRule"). `head` stands on top of it. */
export const ruleFileText = (file: RuleFile, head: string, isForOperator: boolean): string => {
  const { groups } = file;
  const rules = { groups };
  const content = isForOperator
    ? { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata: { name: 'edgewise-slos' }, spec: rules }
    : rules;
  // Prometheus and kubectl read YAML 1.1, in which `on` and `1_000` are no texts.
  const document = new Document(content, { version: '1.1', aliasDuplicateObjects: false });
  document.commentBefore = headOf(head, file);
  return document.toString({ lineWidth: 0, blockQuote: 'literal', directives: false });
};
