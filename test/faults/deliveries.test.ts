import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answering, edgeAlert, groupOf, startBot, startSource, textOf } from '../support/bot.ts';

let source: Awaited<ReturnType<typeof startSource>>;
let bot: Awaited<ReturnType<typeof startBot>>;
beforeAll(async () => {
  source = await startSource();
  source.answer(answering([]));
  bot = await startBot(source.url);
}, 60_000);
afterAll(async () => {
  await bot.close();
  await source.close();
});

/** Nothing is waiting any more, neither for triage nor for Slack. */
const settled = async (): Promise<void> => {
  for (let quiet = 0; quiet < 4; ) {
    await wait(250);
    const waiting = [...(await bot.metrics()).matchAll(/^edgewise_(?:queue_deliveries|outbox_messages) (\d+)/gm)];
    quiet = waiting.every(([, count]) => count === '0') ? quiet + 1 : 0;
  }
};

describe('the same news again', () => {
  it('five times from two Alertmanagers, at once and one after the other, is one root', async () => {
    const body = (peer: number) => groupOf([edgeAlert('twins')], 'twins', { externalURL: `http://alertmanager-${peer}:9093` });
    const first = await Promise.all([0, 1, 0, 1, 0].map((peer) => bot.send(body(peer))));
    expect(new Set(first)).toEqual(new Set([200]));
    await bot.root('twins');
    for (const peer of [1, 0, 1, 0, 1]) expect(await bot.send(body(peer))).toBe(200);
    await settled();
    expect(bot.roots('twins')).toHaveLength(1);
  });

  it('from a second group on the same edge joins the incident', async () => {
    expect(await bot.send(groupOf([edgeAlert('joined')], 'A'))).toBe(200);
    await bot.root('joined');
    const other = edgeAlert('joined', { fingerprint: 'joined-too' }, { alertname: 'EdgeLatencyHigh', severity: 'warning' });
    expect(await bot.send(groupOf([other], 'B'))).toBe(200);
    const root = await bot.root('joined', '(+1 more)');
    expect(bot.roots('joined').map(({ ts }) => ts)).toEqual([root.ts]);
  });
});

describe('an alert whose clock is wrong', () => {
  const hourMs = 3_600_000;
  const iso = (fromNowMs: number): string => new Date(Date.now() + fromNowMs).toISOString();

  it.each([
    ['that starts in an hour', { startsAt: iso(hourMs) }],
    ['that began a year ago', { startsAt: iso(-365 * 24 * hourMs) }],
    ['that fires with an end in the past', { startsAt: iso(-hourMs), endsAt: iso(-hourMs / 2) }],
    ['that ends before it starts', { startsAt: iso(hourMs), endsAt: iso(-hourMs) }],
  ])('%s is told once, in times that can be', async (name, changes) => {
    const caller = name.replaceAll(' ', '-');
    expect(await bot.send(groupOf([edgeAlert(caller, changes)], caller))).toBe(200);
    const root = await bot.root(caller, 'as of');
    expect(textOf(root)).not.toMatch(/NaN|Invalid|\(-|undefined/);
    expect(bot.roots(caller)).toHaveLength(1);
  });

  it('and whose resolution says it never began is resolved', async () => {
    const alert = edgeAlert('never-began', { startsAt: iso(hourMs) });
    await bot.send(groupOf([alert], 'never'));
    await bot.root('never-began', 'as of');
    await bot.send(groupOf([{ ...alert, status: 'resolved', endsAt: iso(-hourMs) }], 'never', { status: 'resolved' }));
    await bot.root('never-began', '✅').catch(() => bot.root('never-began', 'esolved'));
    expect(bot.roots('never-began')).toHaveLength(1);
  });
});

describe('a hostile alert', () => {
  it('of sixty labels of four kilobytes each is told once', async () => {
    const labels = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`label_${index}`, `${index}-${'x'.repeat(4096)}`]),
    );
    expect(await bot.send(groupOf([edgeAlert('very-long', {}, labels)], 'long'))).toBe(200);
    await bot.root('very-long', 'as of');
    expect(bot.roots('very-long')).toHaveLength(1);
  });

  it('with labels called like the parts of an object is told once, and pollutes nothing', async () => {
    const labels = JSON.parse(
      '{"__proto__":"polluted","constructor":"c","prototype":"p","toString":"t","hasOwnProperty":"h"}',
    ) as object;
    const alert = edgeAlert('proto', { labels: { ...(edgeAlert('proto')['labels'] as object), ...labels } });
    const text = JSON.stringify(groupOf([alert], 'proto')).replace('"constructor"', '"__proto__":"polluted","constructor"');
    expect(await bot.send(JSON.parse(text))).toBe(200);
    await bot.root('proto', 'as of');
    expect(Object.hasOwn(Object.prototype, 'polluted') || ({} as { polluted?: unknown }).polluted !== undefined).toBe(false);
  });

  it('with <!channel> in every field notifies nobody', async () => {
    const shout = '<!channel> <@U0ONCALL01> <!here|x> https://evil.example/?a=b <https://evil.example|runbook>';
    const alert = edgeAlert('shouting', {
      annotations: { summary: shout, description: shout, runbook_url: shout, dashboard_url: 'https://evil.example/d' },
      labels: {
        alertname: shout,
        severity: shout,
        namespace: shout,
        source_workload: `shouting${shout}`,
        source_workload_namespace: shout,
        destination_service_name: shout,
        destination_service_namespace: shout,
        team: shout,
        slack_channel: shout,
      },
      generatorURL: `http://p/graph?g0.expr=${encodeURIComponent(`istio_requests_total{a="${shout}"}`)}`,
    });
    const body = groupOf([alert], shout, {
      groupLabels: { alertname: shout },
      commonLabels: { a: shout },
      commonAnnotations: { b: shout },
      receiver: shout,
    });
    expect(await bot.send(body)).toBe(200);
    const root = await bot.root('shouting', 'as of');
    const formatted = [...JSON.stringify(root.blocks).matchAll(/"type":"mrkdwn","text":"((?:[^"\\]|\\.)*)"/g)].map(
      ([, text]) => text,
    );
    expect(formatted.length).toBeGreaterThan(3);
    expect([root.text, ...formatted].join('\n')).not.toMatch(/<!channel|<!here|<@U0|<https:\/\/evil/);
    await settled();
    expect(bot.logged.filter((line) => line.includes('\n'))).toEqual([]);
  });
});

describe('while Slack', () => {
  const faults = [
    ['answers 500', 'chat.postMessage', { kind: 'status', status: 500 }, 2],
    ['says 429 with Retry-After', 'chat.postMessage', { kind: 'status', status: 429, retryAfter: 1 }, 1],
    ['takes the message and never answers', 'chat.postMessage', { kind: 'timeout-after-accept' }, 1],
    ['cuts the connection', 'chat.postMessage', { kind: 'reset' }, 2],
    ['refuses the token for a while', 'chat.postMessage', { kind: 'error', error: 'invalid_auth' }, 1],
  ] as const;

  it.each(faults)(
    '%s, an alert is told once',
    async (name, method, fault, times) => {
      const caller = name.replaceAll(/[^a-z0-9]+/gi, '-');
      bot.workspace.fail(method, fault, times);
      expect(await bot.send(groupOf([edgeAlert(caller)], caller))).toBe(200);
      await bot.root(caller, 'as of', 75_000);
      await settled();
      expect(bot.roots(caller)).toHaveLength(1);
    },
    90_000,
  );
});
