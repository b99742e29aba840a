import { expect, it } from 'vitest';
import { errorDetail } from '../../../../src/stages/draw/waterfall/captions.ts';
import { analyse } from '../../../../src/stages/follow/analyse.ts';
import { drawn } from '../../../support/traces.ts';

it.each([
  ['http.status_code=503, flag=UH', ': 503 UH'],
  ['http.status_code=200, flag=UPE', ': 200 UPE'],
  ['http.status_code=200', ''],
  ['x=1', ''],
])('where an error starts it says what failed, and not that an answer went well: %s', (said, detail) => {
  const trace = drawn(`front {server, error, ${said}} [==]`);
  const analysis = analyse(trace, null, []);
  expect(analysis === null ? null : errorDetail(trace, analysis)).toBe(detail);
});
