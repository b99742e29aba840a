import { describe, expect, it } from 'vitest';
import { labRules, ruleFiles, shippedText } from './rules.ts';

/** Everything that the lab may change, taken out. */
const withoutTimes = (text: string): string =>
  text
    .replaceAll(/\[\w+\]/g, '[]')
    .replaceAll(/^( *for:) \w+$/gm, '$1')
    .replaceAll(/interval: \w+/g, 'interval:');

describe('the shipped rules at the pace of the lab', () => {
  it.each(ruleFiles)('%s: only windows, waits and intervals differ', (file) => {
    const shipped = shippedText(file);
    const lab = labRules(shipped);
    expect(withoutTimes(lab)).toBe(withoutTimes(shipped));
    expect(lab).not.toBe(shipped);
  });

  it.each(ruleFiles)('%s: no wait of minutes is left, and no window but that of the past hour', (file) => {
    const lab = labRules(shippedText(file)).replaceAll(/\[3m\] offset \d+m/g, '');
    expect(lab.match(/\[(?!20s\]|30s\])\w+\]/g)).toBeNull();
    expect(lab.match(/^ *for: (?!15s$|30s$|40s$|90s$).*$/gm)).toBeNull();
    expect(lab.match(/interval: (?!5s\b)\w+/g)).toBeNull();
  });
});
