import { describe, expect, it } from 'vitest';
import { countedConnections, countedRequests } from './counted.ts';

const readingOf = (counted: ReturnType<typeof countedRequests>, name: string, le?: string): number | undefined =>
  counted.cells.find((cell) => cell.name === name && (le === undefined || cell.labels['le'] === le))?.value();

describe('the counters behind a label set', () => {
  it('count a request in every bucket it fits, in the sum and in the count', () => {
    const counted = countedRequests({ reporter: 'source', request_protocol: 'http' });
    for (const duration of [0, 7, 240, 70_000_000]) counted.observe({ duration, received: 100, sent: 2000 });
    const bucket = (le: string) => readingOf(counted, 'istio_request_duration_milliseconds_bucket', le);
    expect([bucket('0.5'), bucket('5'), bucket('10'), bucket('250'), bucket('3600000'), bucket('+Inf')]).toEqual([
      1, 1, 2, 3, 3, 4,
    ]);
    expect(readingOf(counted, 'istio_request_duration_milliseconds_sum')).toBe(70_000_247);
    expect(readingOf(counted, 'istio_request_duration_milliseconds_count')).toBe(4);
    expect(readingOf(counted, 'istio_requests_total')).toBe(4);
    expect(readingOf(counted, 'istio_response_bytes_sum')).toBe(8000);
    expect(readingOf(counted, 'istio_request_messages_total')).toBeUndefined();
  });

  it('count the messages of a unary gRPC call, one each way where there was one', () => {
    const counted = countedRequests({ reporter: 'source', request_protocol: 'grpc' });
    counted.observe({ duration: 5, received: 7, sent: 7 });
    counted.observe({ duration: 5, received: 7, sent: 0 });
    expect(readingOf(counted, 'istio_request_messages_total')).toBe(2);
    expect(readingOf(counted, 'istio_response_messages_total')).toBe(1);
  });

  it('count a connection with its bytes', () => {
    const counted = countedConnections({ reporter: 'destination', request_protocol: 'tcp' });
    counted.observe({ duration: 5, received: 8, sent: 5 });
    counted.observe({ duration: 5, received: 8, sent: 0 });
    expect(counted.cells.map(({ name, value }) => [name, value()])).toEqual([
      ['istio_tcp_connections_opened_total', 2],
      ['istio_tcp_connections_closed_total', 2],
      ['istio_tcp_received_bytes_total', 16],
      ['istio_tcp_sent_bytes_total', 5],
    ]);
  });
});
