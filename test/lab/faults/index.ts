import type { Fault } from '../lab.ts';
import { applicationFaults } from './application.ts';
import { configurationFaults } from './configuration.ts';
import { connectionFaults } from './connections.ts';
import { podFaults } from './pods.ts';
import { policyFaults } from './policies.ts';
import { clientFaults } from './rows-clients.ts';
import { cutFaults } from './rows-cut.ts';
import { limitFaults } from './rows-limits.ts';
import { refusedFaults } from './rows-refused.ts';
import { timeFaults } from './time.ts';
import { quietCases, trafficFaults } from './traffic.ts';

/** Every fault of the lab, in the order in which they run. */
export const faults: readonly Fault[] = [
  ...applicationFaults,
  ...timeFaults,
  ...connectionFaults,
  ...configurationFaults,
  ...policyFaults,
  ...podFaults,
  ...cutFaults,
  ...limitFaults,
  ...clientFaults,
  ...refusedFaults,
  ...trafficFaults,
  ...quietCases,
];

/** Ten that differ in place, protocol and reason: enough to see that lab, bot and verdicts still meet. */
export const slice: readonly string[] = [
  'app-500-deep',
  'app-down-grpc',
  'cut-200',
  'grpc-internal',
  'refused',
  'mtls-expired',
  'no-endpoints',
  'fault-abort',
  'rbac',
  'bad-version',
  'quiet',
];
