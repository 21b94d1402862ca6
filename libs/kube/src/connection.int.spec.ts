// How calls share connections. A plain HTTP server stands in, because it can say which connection a request came over.
import type { ServerResponse } from 'node:http';
import { eventually } from '@pods/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { KubeConnection } from './connection.ts';
import { connect } from './connection.ts';
import { startScriptedServer } from './testing/scripted-server.ts';

const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** A server that leaves requests for /endless and /held open. */
async function serving() {
  const sockets = new Set<unknown>();
  const held: ServerResponse[] = [];
  let endless = 0;
  const server = await startScriptedServer((request, response) => {
    sockets.add(request.socket);
    response.writeHead(200);
    if (request.url === '/endless') {
      endless += 1;
      response.write('\n');
    } else if (request.url === '/held') {
      held.push(response);
    } else {
      response.end('{}');
    }
  });
  cleanUps.push(server.stop);
  return { connection: connect(server.kubeconfigFile), sockets, held, endless: () => endless };
}

const signal = AbortSignal.timeout(20_000);

async function call(connection: KubeConnection, path = '/call'): Promise<string> {
  return (await connection.send({ method: 'GET', path, signal })).text();
}

describe('calls', () => {
  it('in a burst share a few connections, and those are kept for the next burst', async () => {
    const { connection, sockets } = await serving();
    for (let burst = 0; burst < 3; burst += 1) await Promise.all(Array.from({ length: 60 }, () => call(connection)));
    expect(sockets.size).toBeLessThanOrEqual(8);
  });

  it('are answered however many watches are open', async () => {
    const { connection, endless } = await serving();
    const open = Array.from({ length: 30 }, () =>
      connection.send({ method: 'GET', path: '/endless', endless: true, signal }),
    );
    await Promise.all(open);
    expect(endless()).toBe(30);
    expect(await call(connection)).toBe('{}');
  });

  it('are answered while another one is waited for', async () => {
    const { connection, held } = await serving();
    const waiting = call(connection, '/held');
    await eventually(() => held.length === 1);
    await Promise.all(Array.from({ length: 20 }, () => call(connection)));
    held[0]?.end('at last');
    expect(await waiting).toBe('at last');
  });
});
