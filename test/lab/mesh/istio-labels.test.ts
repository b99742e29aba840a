import { describe, expect, it } from 'vitest';
import { directoryOf, labelsFor, type SidedLine } from './istio-labels.ts';
import { podsOf } from './topology.ts';

const directory = directoryOf(podsOf(0));
const pod = (workload: string) => {
  const found = directory.pods.find((one) => one.workload === workload);
  if (found === undefined) throw new Error(`no ${workload}`);
  return found;
};

const blank: SidedLine = {
  side: 'source',
  kind: 'http',
  authority: 'payments:8080',
  user_agent: null,
  content_type: 'application/json',
  peer: null,
  response_code: 200,
  response_flags: '-',
  duration: 12,
  bytes_received: 10,
  bytes_sent: 20,
  upstream_cluster: 'outbound|8080||payments.shop.svc.cluster.local',
  upstream_host: `${pod('payments-v2').address}:15006`,
  grpc_status: null,
  downstream_identity: null,
  upstream_identity: 'spiffe://cluster.local/ns/shop/sa/payments',
};

const atCaller = (changes: Partial<SidedLine> = {}) => labelsFor({ ...blank, ...changes }, pod('checkout'), directory);
const atCallee = (changes: Partial<SidedLine> = {}) =>
  labelsFor({ ...blank, side: 'destination', upstream_cluster: 'inbound|8080||', ...changes }, pod('payments-v1'), directory);

describe('the labels of a request', () => {
  it('at the caller name the service by its cluster and the workload by the endpoint that was chosen', () => {
    expect(atCaller()).toMatchObject({
      reporter: 'source',
      source_workload: 'checkout',
      destination_workload: 'payments-v2',
      destination_version: 'v2',
      destination_service_name: 'payments',
      destination_service_namespace: 'shop',
      response_code: '200',
      response_flags: '-',
      request_protocol: 'http',
      connection_security_policy: 'unknown',
    });
  });

  it('leave the workload unknown where no endpoint was chosen (UH, UO), and keep the service', () => {
    const labels = atCaller({ upstream_host: null, upstream_identity: null, response_code: 503, response_flags: 'UH' });
    expect(labels).toMatchObject({ destination_workload: 'unknown', destination_service_name: 'payments', response_flags: 'UH' });
  });

  it('leave even the service unknown where no cluster was (NR, NC), and keep the host that was asked for', () => {
    const labels = atCaller({ upstream_cluster: null, upstream_host: null, response_code: 404, response_flags: 'NR' });
    expect(labels).toMatchObject({ destination_service_name: 'unknown', destination_service: 'payments:8080' });
  });

  it('at the callee name the caller by the header of its proxy, else by its certificate, else not at all', () => {
    const identity = 'spiffe://cluster.local/ns/shop/sa/checkout';
    expect(atCallee({ peer: pod('storefront').name, downstream_identity: identity })['source_workload']).toBe('storefront');
    expect(atCallee({ downstream_identity: identity })).toMatchObject({
      source_workload: 'checkout',
      connection_security_policy: 'mutual_tls',
    });
    expect(atCallee()).toMatchObject({ source_workload: 'unknown', connection_security_policy: 'none' });
  });

  it('carry the gRPC status where the content type is gRPC, and nowhere else', () => {
    expect(atCaller({ content_type: 'application/grpc', grpc_status: '14' })).toMatchObject({
      request_protocol: 'grpc',
      grpc_response_status: '14',
    });
    expect(atCaller()).not.toHaveProperty('grpc_response_status');
  });

  it('of a connection have no code', () => {
    const labels = atCaller({ kind: 'tcp', response_code: 0, response_flags: 'UF,URX', upstream_host: null });
    expect(labels).toMatchObject({ request_protocol: 'tcp', response_flags: 'UF,URX' });
    expect(labels).not.toHaveProperty('response_code');
  });
});
