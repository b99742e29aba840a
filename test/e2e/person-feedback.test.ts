import { describe, expect, it } from 'vitest';
import { precisionOf } from '../../src/commands/feedback.ts';

const said = (incidentId: string, by: string, isRight: boolean) => ({ incidentId, by, atMs: 0, isRight });

describe('how often the right edge was named', () => {
  it('goes by incidents, each by what most people said of it', () => {
    const many = [said('a', 'ada', true), said('a', 'bo', true), said('a', 'sam', false), said('b', 'ada', false)];
    expect(precisionOf(many)).toEqual({ incidents: 2, right: 1, disputed: 0, precision: 0.5 });
  });

  it('leaves out what people disagree about, and says how many those are', () => {
    const torn = [said('a', 'ada', true), said('a', 'bo', false), said('b', 'ada', true)];
    expect(precisionOf(torn)).toEqual({ incidents: 2, right: 1, disputed: 1, precision: 1 });
  });

  it('is not known where nobody said anything, or nobody agrees', () => {
    expect(precisionOf([])).toEqual({ incidents: 0, right: 0, disputed: 0, precision: null });
    expect(precisionOf([said('a', 'ada', true), said('a', 'bo', false)]).precision).toBeNull();
  });
});
