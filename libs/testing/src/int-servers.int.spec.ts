// The int level's servers are the real ones, and each spec file's part of them is its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Client } from 'pg';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { eventually, freshDatabase, freshNamespace, freshPrefix, natsServerFixture } from './index.ts';
import { callKube } from './servers/call-kube.ts';
import { startGuard } from './servers/start-guard.ts';

describe('the shared nats-server', () => {
  it('stores messages in JetStream', async () => {
    await using nats = await connected(inject('natsUrl'));
    const name = freshPrefix();
    await (await jetstreamManager(nats.connection)).streams.add({ name, subjects: [`${name}.>`] });
    expect((await jetstream(nats.connection).publish(`${name}.a`, 'x')).seq).toBe(1);
  });
});

describe('a nats-server of one spec', () => {
  it('has its messages again after SIGKILL and a restart, at the same address', async () => {
    const server = await natsServerFixture();
    try {
      {
        await using nats = await connected(server.url);
        await (await jetstreamManager(nats.connection)).streams.add({ name: 'KEPT', subjects: ['kept'] });
        await jetstream(nats.connection).publish('kept', 'x');
      }
      await server.kill('SIGKILL');
      await expect(connected(server.url)).rejects.toThrow('connection refused');
      await server.restart();
      await using nats = await connected(server.url);
      const stream = await (await jetstreamManager(nats.connection)).streams.info('KEPT');
      expect(stream.state.messages).toBe(1);
    } finally {
      await server.stop();
    }
  });
});

describe('freshDatabase', () => {
  it('makes an empty database each time, reachable by the URL it gives', async () => {
    const urls = [await freshDatabase(), await freshDatabase()];
    const names: unknown[] = [];
    for (const connectionString of urls) {
      const client = new Client({ connectionString });
      await client.connect();
      const { rows } = await client.query<{ name: string }>('select current_database() as name');
      names.push(rows[0]?.name);
      await client.query('create table t (a int)');
      await client.end();
    }
    expect(new Set(names).size).toBe(2);
  });
});

describe('freshNamespace', () => {
  it('makes a namespace in which the API server admits a pod', async () => {
    const namespace = await freshNamespace();
    const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'pods.local/none:1' }] } };
    await callKube(inject('kubeconfigFile'), 'POST', `/api/v1/namespaces/${namespace}/pods`, pod);
    await callKube(inject('kubeconfigFile'), 'GET', `/api/v1/namespaces/${namespace}/pods/p`);
    await expect(
      callKube(inject('kubeconfigFile'), 'POST', `/api/v1/namespaces/${namespace}/pods`, {
        metadata: { name: 'q' },
        spec: {},
      }),
    ).rejects.toThrow('422');
  });
});

describe('a guard', () => {
  const guards: Awaited<ReturnType<typeof startGuard>>[] = [];
  afterEach(async () => {
    for (const guard of guards.splice(0)) await guard.stop();
  });

  it('ends what it started and removes its folder', async () => {
    const guard = await startGuard('spec');
    guards.push(guard);
    const { pid } = await guard.start({ name: 'sleeper', command: 'sleep', args: ['600'] });
    expect(isAlive(pid)).toBe(true);
    await guard.stop();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(guard.folder)).toBe(false);
  });

  it('runs what it was given for the end, and keeps its folder only when that fails', async () => {
    const [well, badly] = [await startGuard('spec'), await startGuard('spec')];
    const seen = join(badly.folder, 'seen');
    well.atEnd('sh', ['-c', `echo 'it ran' > ${seen}`]);
    await well.stop();
    expect(existsSync(well.folder)).toBe(false);
    expect(await readFile(seen, 'utf8')).toBe('it ran\n');
    badly.atEnd('sh', ['-c', 'exit 1']);
    await badly.stop();
    expect(existsSync(badly.folder)).toBe(true);
    await rm(badly.folder, { recursive: true });
  });

  it('tells why a program could not be started', async () => {
    const guard = await startGuard('spec');
    guards.push(guard);
    await expect(guard.start({ name: 'nothing', command: '/nowhere/nothing', args: [] })).rejects.toThrow('ENOENT');
  });

  it('shows the end of the log of a program that ended by itself', async () => {
    const guard = await startGuard('spec');
    guards.push(guard);
    const failing = await guard.start({ name: 'failing', command: 'sh', args: ['-c', 'echo port in use; exit 3'] });
    await eventually(async () => {
      await expect(failing.assertRunning()).rejects.toThrow(/exit code 3[^]*port in use/);
    });
  });
});

describe.each(['SIGKILL', 'SIGINT'] as const)('a guard whose owner got %s', (signal) => {
  it('ends what it started and removes its folder', async () => {
    const owner = spawn(process.execPath, [fileURLToPath(new URL('testing/guard-owner.ts', import.meta.url))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output: unknown[] = await once(owner.stdout, 'data');
    const { pid, folder } = z.object({ pid: z.int(), folder: z.string() }).parse(JSON.parse(String(output[0])));
    expect(isAlive(pid)).toBe(true);
    owner.kill(signal);
    await eventually(() => !isAlive(pid) && !existsSync(folder));
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function connected(
  servers: string,
): Promise<AsyncDisposable & { connection: Awaited<ReturnType<typeof connect>> }> {
  const connection = await connect({ servers, reconnect: false });
  return { connection, [Symbol.asyncDispose]: () => connection.close() };
}
