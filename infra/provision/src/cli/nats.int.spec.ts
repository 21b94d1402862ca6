// The program on a real nats-server whose users it rendered itself.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { createUser } from '@nats-io/nkeys';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { topology } from '@pods/contracts';
import type { NatsServerFixture } from '@pods/testing';
import { freshPrefix, natsServerFixture } from '@pods/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { streamDefinitions } from '../nats/definitions.ts';
import { natsUserNames } from '../nats/users.ts';
import { runMain, runMainJson } from '../testing/run-main.ts';
import { parseSizes } from './sizes.ts';

const users = natsUserNames.map((name) => ({ name, pair: createUser() }));
const keys = users.flatMap(({ name, pair }) => ['--key', `${name}=${pair.getPublicKey()}`]);
const small = ['pod-events=8MiB', 'poison=1MiB', 'pod-state=2MiB', 'pod-container=1MiB', 'pod-logs=4MiB'];
const sizes = small.flatMap((size) => ['--max-bytes', size]);
const seedFile = (name: string): string => join(folder, `${name}.seed`);

let folder: string;
let server: NatsServerFixture;
let admin: NatsConnection;
let prefix: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provision-nats-'));
  for (const { name, pair } of users) await writeFile(seedFile(name), `${new TextDecoder().decode(pair.getSeed())}\n`);
  const rendered = await runMain(['users', ...keys]);
  if (rendered.exitCode !== 0) throw new Error(rendered.stderr);
  server = await natsServerFixture(rendered.stdout);
  const seed = users[0]?.pair.getSeed() ?? new Uint8Array();
  admin = await connect({ servers: server.url, authenticator: nkeyAuthenticator(seed) });
});
beforeEach(() => {
  prefix = freshPrefix();
});
afterAll(async () => {
  await admin.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

const nats = (...more: readonly string[]): readonly string[] => [
  'nats',
  `--url=${server.url}`,
  `--seed-file=${seedFile('admin')}`,
  `--prefix=${prefix}`,
  '--replicas=1',
  ...sizes,
  ...more,
];
const wanted = (): readonly string[] =>
  streamDefinitions({ names: topology(prefix), replicas: 1, maxBytes: parseSizes(small) }).map(({ name }) => name);

/** The streams of this spec that are there. */
async function streams(): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { config } of (await jetstreamManager(admin)).streams.list()) {
    if (config.name.includes(prefix)) found.push(config.name);
  }
  return found.toSorted();
}

describe('nats', () => {
  it('creates everything once and finds it the next time', async () => {
    expect(await runMainJson(nats())).toEqual({ exitCode: 0, result: { ok: true, created: wanted(), found: [] } });
    expect(await streams()).toEqual(wanted().toSorted());
    expect(await runMainJson(nats())).toEqual({ exitCode: 0, result: { ok: true, created: [], found: wanted() } });
    const checked = await runMain(nats('--check'));
    expect(checked.exitCode).toBe(0);
    expect(checked.stdout).toContain('all 5 streams are as wanted');
  });

  it('with --check lists what is missing and creates nothing', async () => {
    const { exitCode, stdout } = await runMain(nats('--check'));
    expect(stdout.trim().split('\n')).toEqual(wanted().map((name) => `${name}: missing`));
    expect(exitCode).toBe(1);
    expect(await streams()).toEqual([]);
  });

  it('refuses a stream with another setting, and creates nothing beside it', async () => {
    const [definition] = streamDefinitions({ names: topology(prefix), replicas: 1, maxBytes: parseSizes(small) });
    if (definition === undefined) throw new Error('no stream');
    const jsm = await jetstreamManager(admin);
    await jsm.streams.add({ ...definition, max_bytes: 12_345_678 });
    const refused = await runMain(nats());
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain(`${definition.name}: max_bytes should be 8388608, found 12345678`);
    const differences = [{ stream: definition.name, setting: 'max_bytes', wanted: '8388608', found: '12345678' }];
    expect(await runMainJson(nats())).toMatchObject({
      exitCode: 1,
      result: { code: 'nats_stream_differs', differences },
    });
    expect(await runMainJson(nats('--check'))).toMatchObject({
      exitCode: 1,
      result: { ok: false, differences, missing: wanted().slice(1) },
    });
    expect(await streams()).toEqual([definition.name]);
    expect((await jsm.streams.info(definition.name)).config.max_bytes).toBe(12_345_678);
  });

  it('says what the server misses for three copies', async () => {
    const refused = await runMain(nats('--replicas', '3'));
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/NATS refused to create \S+POD_EVENTS: .*replicas > 1 not supported/);
    expect(await streams()).toEqual([]);
  });

  it('does not let an app’s user, a stranger or a broken seed do it', async () => {
    await writeFile(seedFile('stranger'), new TextDecoder().decode(createUser().getSeed()));
    await writeFile(seedFile('broken'), 'SUNOSEED');
    const rows = [
      ['api', 'nats_not_allowed'],
      ['stranger', 'nats_not_let_in'],
      ['broken', 'nats_seed_invalid'],
      ['none', 'file_unusable'],
    ] as const;
    for (const [name, code] of rows) {
      expect(await runMainJson(nats('--seed-file', seedFile(name)))).toMatchObject({ exitCode: 1, result: { code } });
    }
    expect(await streams()).toEqual([]);
  });

  it('says when nobody answers', async () => {
    const refused = await runMain(nats('--url', 'nats://127.0.0.1:1'));
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain('No answer from NATS at nats://127.0.0.1:1');
  });

  it('does not go on in the clear when TLS is asked for', async () => {
    const refused = await runMain(nats('--url', server.url.replace('nats:', 'tls:')));
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toMatch(/No answer from NATS at tls:.*tls/);
    expect(await streams()).toEqual([]);
  });

  it('says when the server has no JetStream', async () => {
    const plain = await natsServerFixture('accounts { A { users: [ { user: a, password: a } ] } }\nno_auth_user: a');
    try {
      const args = ['nats', '--url', plain.url];
      expect(await runMainJson(args)).toMatchObject({ exitCode: 1, result: { code: 'nats_no_jetstream' } });
    } finally {
      await plain.stop();
    }
  });

  it('refuses a server that greets with a version that is too old', async () => {
    const sockets: Socket[] = [];
    const old = createServer((socket) => {
      sockets.push(socket);
      socket.write('INFO {"server_id":"old","version":"2.10.27","proto":1,"max_payload":1048576,"headers":true}\r\n');
      socket.on('data', (data) => {
        if (data.toString().includes('PING')) socket.write('PONG\r\n');
      });
    });
    const listening = Promise.withResolvers<void>();
    old.listen(0, '127.0.0.1', listening.resolve);
    await listening.promise;
    const address = old.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    for (const more of [[], ['--check']]) {
      const refused = await runMain(nats('--url', `nats://127.0.0.1:${address.port}`, ...more));
      expect(refused.exitCode).toBe(1);
      expect(refused.stderr).toMatch(/version 2\.10\.27; 2\.12\.0 or newer/);
    }
    for (const socket of sockets) socket.destroy();
    old.close();
  });
});

describe('users', () => {
  it('refuses a seed or a mistyped key without repeating it', async () => {
    const key = createUser();
    const seed = new TextDecoder().decode(key.getSeed());
    const last = key.getPublicKey().at(-1) === 'A' ? 'B' : 'A';
    for (const wrong of [seed, `${key.getPublicKey().slice(0, -1)}${last}`, '']) {
      const refused = await runMain(['users', ...keys.slice(2), '--key', `admin=${wrong}`]);
      expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
      expect(refused.stderr).toContain('The key of admin is no public NKEY');
      expect(refused.stderr).not.toContain(seed);
    }
  });

  it('gives scripts the same text', async () => {
    const { stdout } = await runMain(['users', ...keys, '--prefix', 'other']);
    expect(stdout).toContain('"other.pods.events.*.*.*"');
    const { result } = await runMainJson(['users', ...keys, '--prefix', 'other']);
    expect(result).toEqual({ ok: true, configuration: stdout });
  });
});

describe('the program', () => {
  it('ends with 2 and a pointer to the help when it does not understand', async () => {
    const unknown = await runMain(['streams']);
    expect(unknown).toMatchObject({ exitCode: 2, stdout: '' });
    expect(unknown.stderr).toContain('--help');
    expect(await runMain(['nats', '--help'])).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
