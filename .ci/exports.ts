/** Holds that whatever a file exports, another file uses: `node .ci/exports.ts [root]`. What nobody else names needs no `export`, or is dead. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from '@swc/core';

type Node = { readonly type: string; readonly [key: string]: unknown };
type Use = { readonly file: string; readonly name: string };
type Module = { readonly file: string; readonly exported: readonly string[]; readonly uses: readonly Use[] };

/** Where modules are, and with them those who may use them. */
const roots = ['src', 'test', 'bench', '.ci'];
/** Of `import * as it` and `import('it')`: whoever takes the whole may use all of it. */
const whole = '*';
/** Functions that tinypool calls by their names, in a thread of their own. */
const called: ReadonlySet<string> = new Set(['src/adapters/vega/worker.ts: measureGlyphs', 'src/adapters/vega/worker.ts: draw']);

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;

/** Every node of a tree, without recursion. */
const nodesOf = (tree: unknown): readonly Node[] => {
  const found: Node[] = [];
  const open: unknown[] = [tree];
  while (open.length > 0) {
    const next = open.pop();
    if (isNode(next)) found.push(next);
    if (typeof next === 'object' && next !== null) open.push(...Object.values(next));
  }
  return found;
};

const named = (node: unknown): string => String((node as { readonly value?: unknown } | null | undefined)?.value ?? '');

/** Names that a declaration brings; of a pattern all that it takes apart, but not the words of its type. */
const declared = (declaration: Node): readonly string[] => {
  if (declaration.type !== 'VariableDeclaration') return [named(declaration['id'] ?? declaration['identifier'])];
  return (declaration['declarations'] as readonly Node[]).flatMap(({ id }) =>
    nodesOf({ ...(id as Node), typeAnnotation: null })
      .filter(({ type }) => type === 'Identifier')
      .map(named),
  );
};

const specifiersOf = (node: Node): readonly Node[] => (node['specifiers'] as readonly Node[] | undefined) ?? [];

const exportedBy = (node: Node): readonly string[] => {
  if (node.type === 'ExportDeclaration') return declared(node['declaration'] as Node);
  if (node.type !== 'ExportNamedDeclaration') return [];
  return specifiersOf(node).map(({ exported, orig, name }) => named(exported ?? orig ?? name));
};

/** What a node takes of another file, as that one calls it. */
const takenBy = (node: Node): readonly { readonly from: string; readonly name: string }[] => {
  const from = named(node['source']);
  if (node.type === 'ImportDeclaration')
    return specifiersOf(node).map(({ type, imported, local }) => ({
      from,
      name: type === 'ImportSpecifier' ? named(imported ?? local) : whole,
    }));
  if (node.type === 'ExportNamedDeclaration' && from !== '')
    return specifiersOf(node).map(({ type, orig }) => ({ from, name: type === 'ExportSpecifier' ? named(orig) : whole }));
  if (node.type === 'ExportAllDeclaration') return [{ from, name: whole }];
  const isCalled = node.type === 'CallExpression' && isNode(node['callee']) && node['callee'].type === 'Import';
  if (isCalled)
    return [{ from: named((node['arguments'] as readonly { readonly expression: unknown }[])[0]?.expression), name: whole }];
  return node.type === 'TsImportType' ? [{ from: named(node['argument']), name: whole }] : [];
};

const moduleOf = (root: string, file: string): Module => {
  const nodes = nodesOf(parseSync(readFileSync(join(root, file), 'utf8'), { syntax: 'typescript', target: 'es2024' }));
  return {
    file,
    exported: nodes.flatMap(exportedBy).filter((name) => name !== ''),
    uses: nodes
      .flatMap(takenBy)
      .filter(({ from }) => from.startsWith('.'))
      .map(({ from, name }) => ({ file: join(dirname(file), from), name })),
  };
};

/** Exports of `root` that no other file takes, and how many exports were looked at. */
export const unusedExports = (root: string): { readonly count: number; readonly unused: readonly string[] } => {
  const modules = roots
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)))
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map((file) => moduleOf(root, file));
  const used = new Set(modules.flatMap(({ uses }) => uses.map(({ file, name }) => `${file} ${name}`)));
  const isTaken = (file: string, name: string): boolean =>
    used.has(`${file} ${name}`) || used.has(`${file} ${whole}`) || called.has(`${file}: ${name}`);
  const unused = modules.flatMap(({ file, exported }) =>
    exported.filter((name) => !isTaken(file, name)).map((name) => `${file}: ${name}`),
  );
  return { count: modules.reduce((sum, { exported }) => sum + exported.length, 0), unused };
};

if (process.argv[1]?.endsWith('exports.ts')) {
  const { count, unused } = unusedExports(process.argv[2] ?? '.');
  for (const one of unused)
    process.stderr.write(`exports: ${one} is used by no other file: take \`export\` away, or all of it\n`);
  process.stdout.write(`exports: ${count} looked at, ${unused.length} breaches\n`);
  process.exitCode = unused.length > 0 || count === 0 ? 1 : 0;
}
