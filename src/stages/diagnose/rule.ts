import type { Finding } from '../../domain/diagnosis.ts';
import type { Scene } from './scene.ts';

/** A rule: what it finds at the end of the walk, or null. Its file name is its name, and has a page in templates/advice. */
export type Rule = { readonly name: string; readonly find: (scene: Scene) => Omit<Finding, 'rule' | 'at'> | null };
