import { Agent, request } from 'node:http';
import { type Strangers, startStrangers } from './strangers.ts';
import { sidecar } from './topology.ts';

/** Requests that reach the gateway from outside, at moments of their own: never slower because answers are slow. */
export type Load = {
  readonly set: (perSecond: number) => void;
  /** This share of the clients hangs up after so long, by design. */
  readonly impatient: (share: number, afterSeconds: number) => void;
  /** This share goes all the way down; the others are answered by the storefront. Null: the usual share. */
  readonly buyers: (share: number | null) => void;
  /** Others that come beside them. */
  readonly strangers: Strangers['set'];
  readonly stop: () => void;
};

const usualBuyers = 0.6;
/** After a longer pause than this nobody comes back for what was missed. */
const mostLateMs = 1000;

/** One purchase, all the way down; whether it went well. */
export const purchase = (gateway: string): Promise<boolean> =>
  new Promise((resolve) => {
    const options = { host: gateway, port: sidecar.out, path: '/buy', headers: { host: 'storefront' }, timeout: 3000 };
    const call = request(options, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200));
      response.on('error', () => resolve(false));
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
    call.end();
  });

export const startLoad = (gateway: string, random: () => number): Load => {
  const agent = new Agent({ keepAlive: true, maxSockets: 2000 });
  const strangers = startStrangers(gateway);
  let rate = 0;
  let leaves = { share: 0, afterSeconds: 1 };
  let share = usualBuyers;
  let timer: NodeJS.Timeout | null = null;
  let dueMs = 0;

  const send = (): void => {
    const path = random() < share ? '/buy' : '/browse';
    const call = request(
      { agent, host: gateway, port: sidecar.out, path, method: 'GET', headers: { host: 'storefront', 'user-agent': 'shopper' } },
      (response) => {
        response.resume();
        response.on('error', () => undefined);
      },
    );
    call.on('error', () => undefined);
    if (random() < leaves.share) setTimeout(() => call.destroy(), leaves.afterSeconds * 1000);
    call.end();
  };

  /** The pauses between independent events are exponential. A timer that came late is made up for: the rate is what was asked for. */
  const next = (): void => {
    if (rate <= 0) {
      timer = null;
      return;
    }
    const nowMs = performance.now();
    dueMs = Math.max(dueMs, nowMs - mostLateMs) + (-Math.log(1 - random()) / rate) * 1000;
    timer = setTimeout(
      () => {
        send();
        next();
      },
      Math.max(0, dueMs - nowMs),
    );
  };

  return {
    set: (perSecond) => {
      rate = perSecond;
      if (timer !== null) clearTimeout(timer);
      dueMs = performance.now();
      next();
    },
    impatient: (of, afterSeconds) => {
      leaves = { share: of, afterSeconds };
    },
    buyers: (of) => {
      share = of ?? usualBuyers;
    },
    strangers: strangers.set,
    stop: () => {
      rate = 0;
      if (timer !== null) clearTimeout(timer);
      strangers.stop();
      agent.destroy();
    },
  };
};
