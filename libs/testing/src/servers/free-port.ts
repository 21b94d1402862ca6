// Ports for servers that cannot be told to take any free one.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the range from which systems give out ports by themselves (Linux: from 32768), so that no connection or
// "any port" listener takes the port before its server does.
const first = 20_000;
const afterLast = 32_768;

/** A random TCP port of 127.0.0.1 that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(first, afterLast);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
