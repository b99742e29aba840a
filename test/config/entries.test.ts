import { describe, expect, it } from 'vitest';
import { entries } from '../../src/config/entries.ts';

/** What stands for a secret nobody may copy. */
const isCut = (example: string): boolean => example.includes('…');

describe('the table of settings', () => {
  it('names every setting once, and none is the file of another', () => {
    const names = entries.flatMap(({ name, isSecret }) => (isSecret ? [name, `${name}_FILE`] : [name]));
    expect(names).toEqual([...new Set(names)]);
    for (const name of names) expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/);
  });

  it.each(entries.map((entry) => [entry.name, entry] as const))(
    '%s: example and default are what is expected of others',
    (_name, entry) => {
      if (!isCut(entry.example)) expect(entry.kind.schema.safeParse(entry.example).success).toBe(true);
      if (entry.fallback !== null) expect(entry.kind.schema.safeParse(entry.fallback).success).toBe(true);
      expect(entry.says).toMatch(/^[A-Z].*[^.]$/);
      expect(entry.neededBy.every((command) => entry.usedBy.includes(command))).toBe(true);
      expect(entry.isSecret && entry.fallback !== null).toBe(false);
    },
  );
});
