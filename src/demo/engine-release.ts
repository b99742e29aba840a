import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EnginePackage, type FetchOptions, settle } from './engine-package.ts';
import { run } from './engine-run.ts';

/** Official archives by platform, checksums as published in each release's sha256sums.txt. */
const releases: Readonly<Record<EnginePackage, { readonly version: string; readonly sha256: Readonly<Record<string, string>> }>> =
  {
    prometheus: {
      version: '3.5.0',
      sha256: {
        'linux-amd64': 'e811827af26d822afb09a4f28314f61b618b12cff5369835a67f674d8b46f39a',
        'linux-arm64': '173389cc42bf09c4e6e54cb53fa07a5a835d7c261e14775d2183181d6e385d1c',
      },
    },
    alertmanager: {
      version: '0.28.1',
      sha256: {
        'linux-amd64': '5ac7ab5e4b8ee5ce4d8fb0988f9cb275efcc3f181b4b408179fafee121693311',
        'linux-arm64': 'd8832540e5b9f613d2fd759e31d603173b9c61cc7bb5e3bc7ae2f12038b1ce4f',
      },
    },
  };

const platform = (): string => `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;

/** Downloads the pinned release into `<cacheDir>/<name>-<version>`. Returns null on success, else the reason. */
export const releaseArchive = async (
  name: EnginePackage,
  cacheDir: string,
  { log, signal }: FetchOptions,
): Promise<string | null> => {
  const { version, sha256 } = releases[name];
  const expected = sha256[platform()];
  if (expected === undefined) return `no checksum of ${name} ${version} is pinned for ${platform()}`;
  const stem = `${name}-${version}.${platform()}`;
  const url = `https://github.com/prometheus/${name}/releases/download/v${version}/${stem}.tar.gz`;
  const folder = await mkdtemp(join(cacheDir, `.fetch-${name}-`));
  try {
    log('info', 'fetching an official release', { url });
    const answer = await fetch(url, { signal: AbortSignal.any([AbortSignal.timeout(300_000), ...(signal ? [signal] : [])]) });
    if (!answer.ok) return `${url} answered ${answer.status}`;
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (createHash('sha256').update(bytes).digest('hex') !== expected) return `${url} has another checksum than the pinned one`;
    await writeFile(join(folder, 'archive.tar.gz'), bytes);
    await mkdir(join(folder, 'root'));
    const unpacked = await run('tar', [
      '-xzf',
      join(folder, 'archive.tar.gz'),
      '-C',
      join(folder, 'root'),
      '--strip-components=1',
    ]);
    if (!unpacked.ok) return `${stem}.tar.gz could not be unpacked (${unpacked.text})`;
    await settle(join(folder, 'root'), join(cacheDir, `${name}-${version}`));
    return null;
  } catch {
    return `${new URL(url).host} could not be reached`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
