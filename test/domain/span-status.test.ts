import { describe, expect, it } from 'vitest';
import { statusText, whyFailed } from '../../src/domain/span-status.ts';

const of = (attributes: Readonly<Record<string, string>>, ...flags: readonly string[]) => ({ attributes, flags });

describe('what a span says of its end', () => {
  it.each([
    ['nothing', of({}), '', null],
    ['a status, by the older name', of({ 'http.status_code': '503' }), '503', 'answered 503'],
    [
      'the newer name before the older',
      of({ 'http.status_code': '500', 'http.response.status_code': '502' }),
      '502',
      'answered 502',
    ],
    ['no answer', of({ 'http.status_code': '0' }), '', null],
    ['success', of({ 'http.status_code': '200' }), '200', null],
    [
      'a status of gRPC before that of HTTP',
      of({ 'http.status_code': '200', 'grpc.status_code': '14' }),
      'gRPC 14',
      'gRPC status 14',
    ],
    ['success of gRPC', of({ 'http.status_code': '200', 'rpc.grpc.status_code': '0' }), '200', null],
    ['flags', of({ 'http.status_code': '503' }, 'UH'), '503 UH', 'no healthy endpoint to send to'],
    [
      'the flag that is the cause before the one that counts tries',
      of({}, 'URX', 'UT'),
      'URX UT',
      'the callee did not answer within the timeout',
    ],
    ['something else', of({ 'http.status_code': '<!here>' }), '<!here>', null],
  ])('%s', (_, span, text, why) => {
    expect([statusText(span), whyFailed(span)]).toEqual([text, why]);
  });
});
