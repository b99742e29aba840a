import type { Finding } from '../../domain/diagnosis.ts';
import type { Scene } from './scene.ts';
import type { Told } from './traced/told.ts';

/** A rule: what it finds at the end of the walk, or null. Its file name is its name, and has a page in templates/advice. */
export type Rule = {
  readonly name: string;
  /** It reads bare connections too; every other rule speaks of requests, and is silent where there are none. */
  readonly readsConnections?: true;
  /** Without a place of its own it stands at the end of the walk. */
  readonly find: (scene: Scene) => (Omit<Finding, 'rule' | 'at'> & Partial<Pick<Finding, 'at'>>) | null;
  /** What the worst trace adds to a finding that stands; null where there is none, or it has nothing to say. */
  readonly told?: (scene: Scene, found: Finding) => Told | null;
};
