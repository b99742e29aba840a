import { expect, it } from 'vitest';
import { failingStatus, grpcText } from '../../src/domain/grpc.ts';

it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', '99', ''])(
  'a label that is no status of gRPC is none of its failures: %j',
  (label) => {
    expect(failingStatus(label)).toBeNull();
    expect(grpcText(label)).toBe(`gRPC status ${label}`);
  },
);
