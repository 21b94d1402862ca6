// Every process of the platform may be killed: it comes back by itself, the status says so, and pods are served.
import { fileURLToPath } from 'node:url';
import { eventually } from '@pods/testing';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import type { PodReply } from './client/api-client.ts';
import type { Daemons } from './client/daemons.ts';
import { openDaemons } from './client/daemons.ts';
import type { Platform } from './client/platform.ts';
import { openPlatform } from './client/platform.ts';
import { ownNetwork } from './starting/own-network.ts';

const program = fileURLToPath(new URL('../../local/src/main.ts', import.meta.url));

const statusSchema = z.object({
  healthy: z.boolean(),
  parts: z.array(
    z.looseObject({ name: z.string(), health: z.string(), restarts: z.int(), lastEndAt: z.string().optional() }),
  ),
});
type Status = z.infer<typeof statusSchema>;

async function readStatus(): Promise<Status> {
  const args = [program, 'status', '--json', '--state', inject('platform').stateDir];
  const { stdout } = await execa(process.execPath, args, { reject: false });
  return statusSchema.parse(JSON.parse(stdout));
}

async function untilHealthy(): Promise<Status> {
  return await eventually(
    async () => {
      const status = await readStatus();
      const unwell = status.parts
        .filter(({ health }) => health !== 'up')
        .map(({ name, health }) => `${name} ${health}`);
      expect(unwell).toEqual([]);
      return status;
    },
    { timeoutMs: 60_000, intervalMs: 500 },
  );
}

const restartsOf = ({ parts }: Status, name: string): number =>
  parts.find((part) => part.name === name)?.restarts ?? Number.NaN;

const cluster = ['etcd', 'apiserver', 'controller-manager', 'scheduler', 'kubelet', 'proxy', 'dns', 'containerd'];
const others = ['registry', 'nats', 'postgres', 'traefik', 'identity', 'api', 'spawner', 'health', 'auth-forward'];

let platform: Platform;
let daemons: Daemons;
let pod: PodReply;
beforeAll(async () => {
  platform = await openPlatform();
  daemons = openDaemons(inject('platform').stateDir);
  await platform.api.create({ pod_id: 'kept', image: 'pods.local/webpage:1' });
  pod = await platform.status('kept', 'AVAILABLE');
});
afterAll(async () => {
  await platform.api.remove('kept');
});

async function expectServed(): Promise<void> {
  await eventually(
    async () => {
      expect((await platform.visit(pod)).status).toBe(200);
    },
    { timeoutMs: 30_000 },
  );
}

describe('a daemon that is killed', () => {
  test.each([...cluster, ...others])('%s comes back, and the page of a pod is served', async (name) => {
    const killed = await daemons.kill(name);
    await daemons.untilReplaced(killed);
    await expectServed();
  });

  test('is one of those above: none is forgotten, each was started again, and all are well', async () => {
    const status = await untilHealthy();
    expect(status.parts.map((part) => part.name).toSorted()).toEqual((await daemons.names()).toSorted());
    const never = status.parts.filter(({ restarts, lastEndAt }) => restarts < 1 || lastEndAt === undefined);
    expect(never.map(({ name }) => name)).toEqual(['keeper']);
    expect(status.healthy).toBe(true);
    expect((await platform.api.get('kept')).status).toBe('AVAILABLE');
    expect((await platform.history.of(platform.tenant, 'kept')).filter(({ type }) => type === 'PodLost')).toEqual([]);
  });

  test('all of them at once: they come back, and the pod is as it was', async () => {
    const names = (await daemons.names()).filter((name) => name !== 'keeper');
    const before = await platform.cluster.objectsOf(platform.tenant, 'kept');
    const killed = await Promise.all(names.map(daemons.kill));
    await Promise.all(killed.map((one) => daemons.untilReplaced(one, 60_000)));
    await untilHealthy();
    await expectServed();
    const after = await platform.cluster.objectsOf(platform.tenant, 'kept');
    expect(after.map(({ kind, metadata }) => [kind, metadata.name, metadata['uid']])).toEqual(
      before.map(({ kind, metadata }) => [kind, metadata.name, metadata['uid']]),
    );
  });
});

describe('the keeper that is killed', () => {
  test('is missed by the status, and npm start brings it back, also to what ended in the meantime', async () => {
    await daemons.kill('keeper');
    const dead = await readStatus();
    expect(dead.parts.filter(({ health }) => health !== 'up')).toMatchObject([{ name: 'keeper', health: 'dead' }]);
    const spawner = await daemons.kill('spawner');
    const { stateDir } = inject('platform');
    await execa(process.execPath, [program, 'start', '--detach', '--no-demo', '--state', stateDir]);
    await daemons.untilReplaced(spawner);
    expect(restartsOf(await untilHealthy(), 'spawner')).toBe(0);
    await daemons.untilReplaced(await daemons.kill('spawner'));
    expect(restartsOf(await untilHealthy(), 'spawner')).toBe(1);
  });
});

describe('npm start that stays with its platform', () => {
  test('prints what was started again, and starts the keeper again by itself', async () => {
    const { run, stateFolder } = await ownNetwork();
    const starter = run(['start', '--no-demo']);
    let written = '';
    starter.all.on('data', (chunk: Buffer) => (written += chunk.toString('utf8')));
    const untilWritten = async (words: string): Promise<void> => {
      await eventually(
        () => {
          expect(written).toContain(words);
        },
        { timeoutMs: 60_000, intervalMs: 50 },
      );
    };
    await untilWritten('Up in');
    const own = openDaemons(stateFolder);
    await own.untilReplaced(await own.kill('registry'));
    await untilWritten('image registry had ended and was started again (restart 1)');
    await own.untilReplaced(await own.kill('keeper'));
    await own.untilReplaced(await own.kill('registry'));
    await untilWritten('image registry had ended and was started again (restart 2)');
    starter.kill('SIGTERM');
    expect((await starter).exitCode).toBe(0);
    expect(await own.names()).toEqual([]);
  });
});
