// Requests on a connection that breaks: none is sent into the void, none waits for an answer that cannot come.
import type { NatsConnection } from '@nats-io/nats-core';
import { ClosedConnectionError } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import type { NatsServerFixture } from '@pods/testing';
import { eventually, natsServerFixture } from '@pods/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionWatch } from './connection-watch.ts';
import { ConnectionLostError, NotConnectedError, watchConnection } from './connection-watch.ts';

let server: NatsServerFixture;
let nc: NatsConnection;
let connection: ConnectionWatch;
beforeEach(async () => {
  server = await natsServerFixture();
  nc = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 20, reconnectJitter: 0 });
  connection = watchConnection(nc);
});
afterEach(async () => {
  await nc.close();
  await server.stop();
});

const ask = (timeout: number) => (): Promise<string> =>
  nc.request('$JS.API.INFO', '', { timeout }).then((m) => m.string());

describe('a request', () => {
  it('is answered on a connection that stands', async () => {
    expect(await connection.request(1000, ask(1000))).toContain('account_info');
  });

  it('waits for the connection to be back before it is sent', async () => {
    await server.kill('SIGKILL');
    await eventually(() => connection.untilLost().aborted);
    const answer = connection.request(10_000, ask(5000));
    await server.restart();
    expect(await answer).toContain('account_info');
  });

  it('is not sent when there is no connection in time', async () => {
    await server.kill('SIGKILL');
    await eventually(() => connection.untilLost().aborted);
    let sent = false;
    const send = async (): Promise<void> => {
      sent = true;
    };
    await expect(connection.request(50, send)).rejects.toBeInstanceOf(NotConnectedError);
    expect(sent).toBe(false);
  });

  it('ends when the connection is lost, long before its own timeout', async () => {
    // A subscriber that never answers, so that the request is under way.
    nc.subscribe('silence', { callback: () => {} });
    await nc.flush();
    const startedAt = performance.now();
    const asking = connection.request(1000, () => nc.request('silence', '', { timeout: 60_000 }));
    // The request must have left before the server goes, and its end must be expected before it comes.
    await Promise.all([
      expect(asking).rejects.toBeInstanceOf(ConnectionLostError),
      nc.flush().then(() => server.kill('SIGKILL')),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('fails at once on a connection that is closed', async () => {
    await nc.close();
    await expect(connection.request(60_000, ask(60_000))).rejects.toBeInstanceOf(ClosedConnectionError);
  });
});
