// Compares or provisions NATS.
import type { NatsConnection } from '@nats-io/nats-core';
import { fromSeed } from '@nats-io/nkeys';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { compareNats } from '../nats/compare-nats.ts';
import { provisionNats } from '../nats/provision-nats.ts';
import { natsInboxPrefix } from '../nats/users.ts';
import type { NatsLine } from './command-line.ts';
import { natsRefusalOf } from './nats-refusals.ts';
import type { Report } from './report.ts';
import { Refusal } from './report.ts';
import { readSecret } from './secret-files.ts';
import { formatSizes } from './sizes.ts';

/** @throws Refusal */
export async function runNats(line: NatsLine): Promise<Report> {
  try {
    const connection = await open(line);
    try {
      return line.check ? await compare(connection, line) : await provision(connection, line);
    } finally {
      await connection.close();
    }
  } catch (error) {
    throw natsRefusalOf(error, line.servers) ?? error;
  }
}

async function compare(connection: NatsConnection, line: NatsLine): Promise<Report> {
  const { serverVersion, found, missing, differences } = await compareNats(connection, line);
  const settled = missing.length === 0 && differences.length === 0;
  return {
    lines: [
      ...missing.map((stream) => `${stream}: missing`),
      ...differences.map(
        ({ stream, setting, wanted, found: present }) => `${stream}: ${setting} should be ${wanted}, found ${present}`,
      ),
      ...(settled ? [`nats-server ${serverVersion}: all ${found.length} streams are as wanted`] : []),
    ],
    json: { serverVersion, found, missing, differences },
    settled,
  };
}

async function provision(connection: NatsConnection, line: NatsLine): Promise<Report> {
  const { created, found } = await provisionNats(connection, line);
  return {
    lines: [
      ...created.map((stream) => `${stream}: created`),
      ...found.map((stream) => `${stream}: as wanted`),
      `copies: ${line.replicas}, limits: ${formatSizes(line.maxBytes)}`,
    ],
    json: { created, found },
    settled: true,
  };
}

async function open({ servers, seedFile }: NatsLine): Promise<NatsConnection> {
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
