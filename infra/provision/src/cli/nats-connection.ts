// A connection to NATS as user admin, for one command.
import type { NatsConnection } from '@nats-io/nats-core';
import { fromSeed } from '@nats-io/nkeys';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { natsInboxPrefix } from '../nats/users.ts';
import { natsRefusalOf } from './nats-refusals.ts';
import { Refusal } from './report.ts';
import { readSecret } from './secret-files.ts';

export interface NatsAccess {
  readonly servers: readonly string[];
  readonly seedFile: string | undefined;
}

/** Works with a connection and closes it. @throws Refusal for what goes wrong on NATS */
export async function withNats<Result>(
  access: NatsAccess,
  work: (connection: NatsConnection) => Promise<Result>,
): Promise<Result> {
  try {
    const connection = await open(access);
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  } catch (error) {
    throw natsRefusalOf(error, access.servers) ?? error;
  }
}

async function open({ servers, seedFile }: NatsAccess): Promise<NatsConnection> {
  const seed = seedFile === undefined ? undefined : await readSeed(seedFile);
  return connect({
    servers: [...servers],
    name: 'provision',
    inboxPrefix: natsInboxPrefix('admin'),
    timeout: 10_000,
    reconnect: false,
    // Without it the client would go on in the clear where the server offers no TLS.
    ...(servers.some((server) => server.startsWith('tls://')) ? { tls: {} } : {}),
    ...(seed === undefined ? {} : { authenticator: nkeyAuthenticator(seed) }),
  });
}

async function readSeed(file: string): Promise<Uint8Array> {
  const seed = new TextEncoder().encode(await readSecret(file, 'the NKEY seed of user admin'));
  try {
    fromSeed(seed);
    return seed;
  } catch {
    throw new Refusal('nats_seed_invalid', `${file} holds no NKEY seed. Give the file of user admin.`);
  }
}
