import { connect } from 'node:net';

/** What is no request, or none that is whole: as a client sends it that speaks something else, is broken, or stalls. */
export type Broken = 'no-http' | 'broken-header' | 'no-host' | 'half-headers';

const bytesOf = (broken: Broken, host: string): string =>
  ({
    'no-http': 'RESERVE 1\r\n\r\n',
    'broken-header': `POST /pay HTTP/1.1\r\nhost: ${host}\r\nthis is no header\r\n\r\n`,
    'no-host': 'GET /buy HTTP/1.1\r\n\r\n',
    'half-headers': `GET /buy HTTP/1.1\r\nhost: ${host}\r\n`,
  })[broken];

const patienceMs = 5000;

/** Sends it, and waits for the status of the answer; 0 when there was none. */
export const sendBroken = (address: string, port: number, broken: Broken, host: string): Promise<number> =>
  new Promise((resolve) => {
    let told = '';
    const socket = connect(port, address, () => socket.write(bytesOf(broken, host)));
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      told += chunk.toString('latin1');
      if (told.includes('\r\n\r\n')) socket.end();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(told)?.[1] ?? 0)));
  });
