// nats-server as a part: its settings file and the keys of its users.
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import { topology } from '@pods/contracts';
import { natsUsers, renderNatsAuthorization, type NatsUserName, type NatsUserWithKey } from '@pods/provision';
import { putFile, putSecret, readIfThere } from '../files/put-file.ts';
import type { Platform } from '../platform.ts';
import { probe } from '../process/probe.ts';
import type { Ports } from '../settings/settings.ts';
import type { BasicPrograms, Part } from './part.ts';

/** File with the NKEY seed by which a user proves who it is. */
export const seedFileOf = ({ folders }: Platform, user: NatsUserName): string =>
  join(folders.secrets, `nats-${user}.seed`);

/** Where clients connect. */
export const natsUrl = ({ settings }: Platform): string => `nats://127.0.0.1:${settings.ports.nats}`;

/** The public key of a seed file, which is made if it is not there. */
const ensureKey = async (file: string): Promise<string> => {
  const seed = (await readIfThere(file))?.trim();
  if (seed !== undefined && seed !== '') return nkeys.fromSeed(new TextEncoder().encode(seed)).getPublicKey();
  const pair = nkeys.createUser();
  await putSecret(file, `${new TextDecoder().decode(pair.getSeed())}\n`);
  return pair.getPublicKey();
};

/** Text of nats-server's settings. Every message is on disk before it is acknowledged. */
export const renderNats = (ports: Ports, storeFolder: string, authorization: string): string => `server_name: local
listen: 127.0.0.1:${ports.nats}
http: 127.0.0.1:${ports.natsMonitor}
max_payload: 1MB
jetstream {
  store_dir: ${JSON.stringify(storeFolder)}
  sync_interval: always
  max_mem: 256MB
  max_file: 64GB
}
${authorization}`;

/** Says everything that is wrong, write errors too. */
const healthUrl = ({ settings }: Platform): string => `http://127.0.0.1:${settings.ports.natsMonitor}/healthz`;

/** nats-server. */
export const nats: Part<BasicPrograms> = {
  name: 'nats',
  title: 'nats-server',
  ports: ({ settings }) => [settings.ports.nats, settings.ports.natsMonitor],
  readyMs: 30_000,
  prepare: async (platform, programs) => {
    const { folders, settings } = platform;
    const users: readonly NatsUserWithKey[] = await Promise.all(
      natsUsers(topology()).map(async (user) => ({
        ...user,
        publicKey: await ensureKey(seedFileOf(platform, user.name)),
      })),
    );
    const file = join(folders.conf, 'nats.conf');
    await putFile(file, renderNats(settings.ports, folders.nats, renderNatsAuthorization(users)));
    // It never writes again to a stream of which one write has failed (docs/adr/0012).
    const stuck = { url: healthUrl(platform), says: ' write error: ', folder: folders.nats };
    return { name: 'nats', program: programs['nats-server'], args: ['--config', file], files: [file], stuck };
  },
  check: async (platform) => {
    await probe(healthUrl(platform));
  },
};
