/** Holds the size limits of the design: a source file ≤ 250 lines, a function ≤ 60. `node .ci/sizes.ts` */
import { readdirSync, readFileSync } from 'node:fs';
import { parseSync } from '@swc/core';

const maxFileLines = 250;
const maxFunctionLines = 60;

type Node = {
  readonly type: string;
  readonly span?: { readonly start: number; readonly end: number };
  readonly [key: string]: unknown;
};
const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression', 'ClassMethod']);

/** Lines of each function of a file, by walking the tree without recursion. */
const longFunctions = (source: string): readonly { readonly line: number; readonly lines: number }[] => {
  const bytes = Buffer.from(source);
  const tree = parseSync(source, { syntax: 'typescript', target: 'es2024' }) as unknown as Node;
  const base = tree.span?.start ?? 1;
  const first = source.search(/\S/);
  const lineAt = (offset: number): number =>
    bytes
      .subarray(0, Math.max(0, offset - base + Math.max(0, first)))
      .toString()
      .split('\n').length;
  const found: { line: number; lines: number }[] = [];
  const open: unknown[] = [tree];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    const node = next as Node;
    if (functionTypes.has(node.type) && node.span) {
      const [start, end] = [lineAt(node.span.start), lineAt(node.span.end)];
      if (end - start + 1 > maxFunctionLines) found.push({ line: start, lines: end - start + 1 });
    }
    for (const value of Object.values(node)) if (typeof value === 'object' && value !== null) open.push(value);
  }
  return found;
};

const files = ['src', 'bench']
  .flatMap((root) => readdirSync(root, { recursive: true, encoding: 'utf8' }).map((file) => `${root}/${file}`))
  .filter((file) => file.endsWith('.ts'))
  .sort();
const lengths: number[] = [];
let breaches = 0;
for (const file of files) {
  const source = readFileSync(file, 'utf8');
  const lines = source.split('\n').length - 1;
  lengths.push(lines);
  if (lines > maxFileLines) {
    breaches += 1;
    process.stderr.write(`sizes: ${file} has ${lines} lines (at most ${maxFileLines}): split it by idea\n`);
  }
  for (const long of longFunctions(source)) {
    breaches += 1;
    process.stderr.write(`sizes: ${file}:${long.line} is a function of ${long.lines} lines (at most ${maxFunctionLines})\n`);
  }
}
lengths.sort((a, b) => a - b);
process.stdout.write(
  `sizes: ${files.length} files, median ${lengths[lengths.length >> 1] ?? 0} lines, longest ${lengths.at(-1) ?? 0}, ${breaches} breaches\n`,
);
process.exitCode = breaches > 0 ? 1 : 0;
