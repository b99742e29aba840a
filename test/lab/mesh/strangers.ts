import { connect } from 'node:http2';
import { type Broken, sendBroken } from './apps/raw.ts';
import { sidecar } from './topology.ts';

/** What comes to the gateway beside the shoppers; `unread`: asks for much over HTTP/2, and reads nothing of it. */
type Stranger = Broken | 'unread';

export type Strangers = {
  /** So many a second from now on, of these kinds in turn; 0 stops. */
  readonly set: (perSecond: number, ...kinds: readonly Stranger[]) => void;
  readonly stop: () => void;
};

const patienceMs = 10_000;

const askWithoutReading = (gateway: string): void => {
  const session = connect(`http://${gateway}:${sidecar.out}`);
  session.on('error', () => undefined);
  const stream = session.request({ ':path': '/download', ':authority': 'storefront' });
  const leave = setTimeout(() => session.destroy(), patienceMs);
  leave.unref();
  stream.on('error', () => undefined);
  for (const over of ['aborted', 'close'])
    stream.on(over, () => {
      clearTimeout(leave);
      session.destroy();
    });
};

export const startStrangers = (gateway: string): Strangers => {
  let timer: NodeJS.Timeout | undefined;
  const set: Strangers['set'] = (perSecond, ...kinds) => {
    clearInterval(timer);
    if (perSecond <= 0) return;
    let visits = 0;
    timer = setInterval(() => {
      const kind = kinds[visits % kinds.length];
      visits += 1;
      if (kind === 'unread') askWithoutReading(gateway);
      else if (kind !== undefined) void sendBroken(gateway, sidecar.out, kind, 'storefront');
    }, 1000 / perSecond);
  };
  return { set, stop: () => set(0) };
};
