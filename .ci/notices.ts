/**
 * Makes THIRD_PARTY_NOTICES from the lock file: `node .ci/notices.ts` checks it, `--write` makes it anew.
 * A production package whose licence is unknown or not on the list fails the check: somebody must read it first.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Licences that may ship beside Apache-2.0 without further duties than the notice itself. */
const allowed: ReadonlySet<string> = new Set([
  'Apache-2.0',
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC0-1.0',
  'PostgreSQL',
  'Python-2.0',
  'Zlib',
  'OFL-1.1',
  'LGPL-3.0-or-later',
  'Apache-2.0 AND LGPL-3.0-or-later',
  'Apache-2.0 AND LGPL-3.0-or-later AND MIT',
  'Apache-2.0 AND MIT',
  '(MIT OR CC0-1.0)',
  '(BSD-3-Clause OR GPL-2.0)',
  'MIT AND OFL-1.1',
]);

/** Packages whose manifest does not say, read by a person: name → licence. */
const readByAPerson: Readonly<Record<string, string>> = { 'dejavu-fonts-ttf': 'Bitstream-Vera' };

type LockEntry = {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly link?: boolean;
};
type Package = { readonly name: string; readonly version: string; readonly licence: string; readonly text: string };

/** The production packages of a lock file; platform variants that are not installed are listed from the lock alone. */
const productionPackages = (root: string): readonly Package[] => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, LockEntry> };
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && entry.dev !== true && entry.link !== true)
    .map(([path, entry]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return {
        name,
        version: entry.version ?? '',
        licence: readByAPerson[name] ?? entry.license ?? manifestLicence(join(root, path)),
        text: licenceText(join(root, path)),
      };
    })
    .sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
};

const manifestLicence = (folder: string): string => {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return 'UNKNOWN';
  const { license } = JSON.parse(readFileSync(file, 'utf8')) as { license?: string | { type?: string } };
  return typeof license === 'string' ? license : (license?.type ?? 'UNKNOWN');
};

const licenceText = (folder: string): string => {
  if (!existsSync(folder)) return '';
  const file = readdirSync(folder).find((name) => /^(licen[sc]e|copying)(\.|-|$)/i.test(name));
  return file ? readFileSync(join(folder, file), 'utf8').trim() : '';
};

/** Packages that nobody may ship before somebody has read their licence. */
const unknownLicences = (packages: readonly Package[]): readonly Package[] =>
  packages.filter(({ licence }) => !allowed.has(licence) && !Object.values(readByAPerson).includes(licence));

/** The notices as text: the list, then each distinct licence text with the packages it is of. */
const notices = (packages: readonly Package[]): string => {
  const unique = [...new Map(packages.map((item) => [`${item.name}@${item.version}`, item])).values()];
  const byText = new Map<string, string[]>();
  for (const { name, version, text, licence } of unique) {
    if (text === '' || licence === 'UNKNOWN') continue;
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version}`]);
  }
  const list = unique.map(({ name, version, licence }) => `${name} ${version}: ${licence}`).join('\n');
  const texts = [...byText].map(([text, names]) => `${'-'.repeat(80)}\n${names.join('\n')}\n\n${text}`).join('\n\n');
  return `Edgewise ships with these packages. Made from package-lock.json by \`npm run notices\`.\n\n${list}\n\n${texts}\n`;
};

if (process.argv[1]?.endsWith('notices.ts')) {
  const packages = productionPackages('.');
  const unknown = unknownLicences(packages);
  for (const { name, version, licence } of unknown)
    process.stderr.write(`notices: ${name} ${version} has licence "${licence}", which is not on the list in .ci/notices.ts\n`);
  const listOf = (text: string): string => text.split(`\n${'-'.repeat(80)}`)[0] ?? '';
  const current = existsSync('THIRD_PARTY_NOTICES') ? readFileSync('THIRD_PARTY_NOTICES', 'utf8') : '';
  if (process.argv.includes('--write')) writeFileSync('THIRD_PARTY_NOTICES', notices(packages));
  // Texts of platform packages depend on the machine; the list does not, so the list decides what is stale.
  else if (listOf(current) !== listOf(notices(packages))) {
    process.stderr.write('notices: THIRD_PARTY_NOTICES is stale; run `npm run notices`\n');
    process.exitCode = 1;
  }
  if (unknown.length > 0) process.exitCode = 1;
  process.stdout.write(`notices: ${packages.length} packages, ${unknown.length} unknown licences\n`);
}
