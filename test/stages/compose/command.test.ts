import { expect, it } from 'vitest';
import { command } from '../../../src/stages/compose/mrkdwn.ts';

it.each([
  'kubectl -n shop get pods -o wide',
  'kubectl -n shop get pods -o wide | grep -e NAME -e ^payments-v1-',
  'istioctl -n shop proxy-config eds deploy/checkout -o json',
])('a command that means nothing more to a shell is offered for copying: %s', (text) => {
  expect(command(text)).toBe(`\`${text}\``);
});

it.each([
  'kubectl get pods | sh',
  'kubectl get pods | grep -e NAME -e ^x | sh',
  'kubectl get pods | grep -e NAME -e ^$(id)-',
  'kubectl get pods | grep -e NAME -e ^-f/etc/passwd',
  'kubectl get pods; id',
  'kubectl get pods `id`',
  'kubectl get pods\nid',
  'kubectl get pods > x',
])('what a shell would do more with is not: %j', (text) => {
  expect(command(text)).toBeNull();
});
