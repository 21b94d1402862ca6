// A TCP proxy in front of an API server whose connections a spec can cut and refuse.
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface BreakableProxy {
  /** A copy of the kubeconfig that leads through the proxy. */
  readonly kubeconfigFile: string;
  /** Cuts every connection; while `refuse` is true new ones are cut at once. */
  readonly cut: (refuse: boolean) => void;
  readonly stop: () => Promise<void>;
}

/** Starts a proxy in front of the server that a kubeconfig names; the server's host name must be 127.0.0.1. */
export async function startBreakableProxy(kubeconfigFile: string): Promise<BreakableProxy> {
  const original = await readFile(kubeconfigFile, 'utf8');
  const address = /https:\/\/127\.0\.0\.1:(\d+)/.exec(original);
  if (address === null) throw new Error('the kubeconfig names no server on 127.0.0.1');
  const sockets = new Set<Socket>();
  let refusing = false;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Cut connections end in errors on purpose.
    socket.on('error', () => socket.destroy());
  };
  const server = createServer((inner) => {
    keep(inner);
    if (refusing) {
      inner.destroy();
      return;
    }
    const outer = connect(Number(address[1]), '127.0.0.1');
    keep(outer);
    inner.pipe(outer).pipe(inner);
    inner.on('close', () => outer.destroy());
    outer.on('close', () => inner.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the proxy has no port');
  const folder = await mkdtemp(join(tmpdir(), 'kube-proxy-'));
  const file = join(folder, 'kubeconfig');
  await writeFile(file, original.replace(address[0], `https://127.0.0.1:${bound.port}`), { mode: 0o600 });
  const cut = (refuse: boolean): void => {
    refusing = refuse;
    for (const socket of sockets) socket.destroy();
  };
  return {
    kubeconfigFile: file,
    cut,
    stop: async () => {
      cut(true);
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}
