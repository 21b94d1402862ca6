// What is in the way of a start is said in words that tell what to do, before anything is changed; what an earlier start
// left half done is mended by the next.
import { on, once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { ownNetwork } from './starting/own-network.ts';

const program = fileURLToPath(new URL('../../local/src/main.ts', import.meta.url));

describe('a start is refused with what to do', () => {
  test('when it is not root', async () => {
    const { folder, stateFolder } = await ownNetwork();
    const { exitCode, all } = await execa(
      'unshare',
      ['--user', process.execPath, program, 'start', '--state', stateFolder],
      { all: true, reject: false, cwd: folder },
    );
    expect(exitCode).toBe(1);
    expect(all).toMatch(/has to run as root: sudo npm start/);
    expect(existsSync(stateFolder)).toBe(false);
  });

  test('when there is no Go, and programs have to be built', async () => {
    const { run, folder } = await ownNetwork();
    const path = (process.env['PATH'] ?? '').split(':').filter((one) => !existsSync(join(one, 'go')));
    const { exitCode, all } = await run(['start'], { PATH: path.join(':'), PODS_CACHE: join(folder, 'cache') });
    expect(exitCode).toBe(1);
    expect(all).toMatch(/Go 1\.\d+ or newer is needed to build programs: there is no "go" on PATH/);
    expect(all).toMatch(/go\.dev\/dl.*--programs FOLDER/s);
  });

  test('when a port is taken, by whom, and with the flag for another one', async () => {
    const { run, enter } = await ownNetwork();
    const [nsenter, ...first] = enter;
    const listener = execa(
      nsenter,
      [
        ...first,
        process.execPath,
        '-e',
        "require('node:net').createServer().listen(4222,'127.0.0.1',()=>console.log('listening'))",
      ],
      { reject: false },
    );
    onTestFinished(() => void listener.kill('SIGKILL'));
    await once(listener.stdout, 'data');
    const { exitCode, all } = await run(['start']);
    expect(exitCode).toBe(1);
    expect(all).toMatch(
      new RegExp(`Port 4222, for nats-server, is used by \\S+ \\(process ${listener.pid}\\)\\. .*--port-nats NUMBER`),
    );
  });

  test('when the disk is too full, before anything is written to it', async () => {
    const { run, stateFolder } = await ownNetwork();
    await mkdir(stateFolder);
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'none', stateFolder]);
    onTestFinished(async () => void (await execa('umount', [stateFolder])));
    const { exitCode, all } = await run(['start']);
    expect(exitCode).toBe(1);
    expect(all).toMatch(/too full: a new platform needs 1\.5 GiB, and \d+ MiB are free\.\n.*--state FOLDER/);
    const { stdout } = await execa('find', [stateFolder, '-mindepth', '1']);
    expect(stdout).toBe('');
  });

  test('when the platform of another checkout runs in this network', async () => {
    const { folder } = await ownNetwork();
    const { exitCode, all } = await execa(process.execPath, [program, 'start', '--state', join(folder, 'other')], {
      all: true,
      reject: false,
    });
    expect(exitCode).toBe(1);
    expect(all).toContain(`belongs to the platform with --state ${inject('platform').stateDir}`);
    expect(all).toContain('nsenter --net=');
  });
});

describe('a start that was killed', () => {
  test('early, in the middle and late, is taken up by the next one', async () => {
    const { run } = await ownNetwork();
    for (const done of [/✓ nats-server/, /✓ Kubernetes/, /✓ spawner/]) {
      const starter = run(['start', '--detach', '--no-demo']);
      await untilWritten(starter, done);
      starter.kill('SIGKILL');
      expect((await starter).signal).toBe('SIGKILL');
    }
    expect(await run(['start', '--detach', '--no-demo'])).toMatchObject({ exitCode: 0 });
    const status = await run(['status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ running: true, healthy: true });
  });
});

async function untilWritten({ all }: { readonly all: Readable }, pattern: RegExp): Promise<void> {
  let text = '';
  for await (const chunk of on(all, 'data', { close: ['end'] })) {
    text += String(chunk);
    if (pattern.test(text)) return;
  }
  throw new Error(`it ended without writing ${pattern}:\n${text}`);
}
