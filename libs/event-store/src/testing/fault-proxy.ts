// A TCP proxy in front of a server, for specs that need a fault of the network: it can lose the answers to a request
// that the server did receive, and then break the connection.
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

export interface FaultProxy {
  readonly port: number;
  /**
   * From the next client data on that contains `text`, nothing from the server gets through any more on that
   * connection. Resolves when that data was handed to the server.
   */
  readonly loseAnswersTo: (text: string) => Promise<void>;
  /** Breaks every connection. New ones work. */
  readonly breakConnections: () => void;
  readonly close: () => Promise<void>;
}

/** Listens on a free port of the loopback and passes everything to `targetPort`. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let armed: { readonly text: string; readonly passed: () => void } | undefined;
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    let deaf = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => {
      const fault = armed;
      const hit = fault !== undefined && data.includes(fault.text);
      if (hit) {
        deaf = true;
        armed = undefined;
      }
      upstream.write(data, () => {
        if (hit) fault.passed();
      });
    });
    upstream.on('data', (data) => {
      if (!deaf) client.write(data);
    });
  });
  const port = await listen(server);
  return {
    port,
    loseAnswersTo: (text) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      armed = { text, passed: resolve };
      return promise;
    },
    breakConnections: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
  return address.port;
}
