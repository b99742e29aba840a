import { type ChildProcess, spawn } from 'node:child_process';

/** A port whose backlog is full: who connects there waits, as behind a firewall that drops packets. */
export type Hole = { readonly address: string; readonly port: number; readonly close: () => Promise<void> };

/** Python, since Node accepts whatever it listens for. It fills its own backlog, never accepts, and ends when
 * our end of its input does: also when we are killed. */
const program = `
import socket, sys
server = socket.socket()
server.bind((sys.argv[1], 0))
server.listen(0)
filling = []
for _ in range(4):
    client = socket.socket()
    client.setblocking(False)
    try:
        client.connect(server.getsockname())
    except BlockingIOError:
        pass
    filling.append(client)
print(server.getsockname()[1], flush=True)
sys.stdin.read()
`;

const portFrom = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(Number(chunk.toString().trim())));
    child.once('error', reject);
    child.once('exit', () => reject(new Error('python3 could not open a port that answers nothing')));
  });

export const openHole = async (address: string): Promise<Hole> => {
  const child = spawn('python3', ['-c', program, address], { stdio: ['pipe', 'pipe', 'ignore'] });
  const port = await portFrom(child);
  return {
    address,
    port,
    close: () =>
      new Promise((resolve) => {
        // Ctrl-C in a terminal reaches it too.
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
};
