import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/domain/message.ts';
import { podsOf } from '../mesh/topology.ts';
import { heart, saidOf, serviceOfPods } from './said.ts';

const message = (sign: string, verdict: string, footer = 'as of 07:15', check = 'Read the log'): Message => ({
  text: `${sign} checkout → payments: 30 % failing`,
  blocks: [
    { type: 'header', text: { type: 'plain_text', text: `${sign} checkout → payments: 30 % failing` } },
    { type: 'context', elements: [{ type: 'mrkdwn', text: 'page' }] },
    { type: 'section', text: { type: 'mrkdwn', text: verdict } },
    { type: 'section', text: { type: 'mrkdwn', text: '*Impact:* about 12 failed requests/min' } },
    { type: 'section', text: { type: 'mrkdwn', text: `*First check:* ${check}` } },
    { type: 'context', elements: [{ type: 'mrkdwn', text: footer }] },
  ],
});

describe('a message of the workspace', () => {
  it('is the same as its replay when header, verdict and first check are, whatever its severity and footer', () => {
    expect(heart(message('🔴', '*It fails*'))).toBe(heart(message('🟠', '*It fails*', 'as of 07:16')));
    expect(heart(message('🔴', '*It fails*'))).not.toBe(heart(message('🔴', '*It is slow*')));
    expect(heart(message('🔴', '*It fails*'))).not.toBe(heart(message('🔴', '*It fails*', 'as of 07:15', 'Read another')));
  });

  it('names services where the mesh names workloads', () => {
    const serviceOf = serviceOfPods(podsOf(0));
    expect([serviceOf('payments-v2'), serviceOf('checkout'), serviceOf('elsewhere')]).toEqual([
      'payments',
      'checkout',
      'elsewhere',
    ]);
  });

  it('without evidence is words alone', () => {
    const said = saidOf({ way: 'asked', about: '/mesh why a → b' }, message('🔴', 'No traffic'), null, (name) => name);
    expect(said).toMatchObject({ edge: null, verdict: null, header: '🔴 checkout → payments: 30 % failing' });
    expect(said.text).toContain('No traffic');
  });
});
