// Where the commands of npm test run.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from './run-command.ts';

const deaf = { onSignal: () => () => undefined };

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pods-run-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function program(text: string): Promise<string> {
  const file = join(folder, 'program.mjs');
  await writeFile(file, text);
  return file;
}

async function listening(server: Server, where: object): Promise<Server & AsyncDisposable> {
  server.listen(where);
  await once(server, 'listening');
  return server;
}

// Root on Linux, as the platform whose specs run there.
describe.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)('a command in a network of its own', () => {
  it('can listen on a port that is taken here', async () => {
    await using taken = await listening(createServer(), { port: 0, host: '127.0.0.1' });
    const file = await program(
      `import { createServer } from 'node:net';
       const server = createServer().on('error', () => process.exit(7));
       server.listen({ ...${JSON.stringify(taken.address())}, host: '127.0.0.1' }, () => process.exit(0));`,
    );
    expect(await runCommand(['node', file], deaf)).toMatchObject({ exitCode: 7 });
    expect(await runCommand(['node', file], deaf, { network: 'own' })).toMatchObject({ exitCode: 0 });
  });

  it('reports its counts, and sees the variables it is given', async () => {
    const file = await program(
      `process.send({ passed: Number(process.env.SOME), failed: 0, skipped: 0 }, () => process.exit(3));`,
    );
    const ended = await runCommand(['node', file], deaf, { network: 'own', variables: { SOME: '5' } });
    expect(ended).toEqual({ exitCode: 3, counts: { passed: 5, failed: 0, skipped: 0 } });
  });

  it('gets the signals that are passed on', async () => {
    const path = join(folder, 'socket');
    await using meeting = await listening(createServer(), { path });
    const file = await program(
      `import { connect } from 'node:net';
       const socket = connect('${path}', () => {
         process.on('SIGTERM', () => socket.end('got it', () => process.exit(4)));
         socket.write('ready, ');
       });`,
    );
    let pass: (signal: NodeJS.Signals) => void = () => undefined;
    const onSignal = (listener: typeof pass): (() => void) => {
      pass = listener;
      return () => undefined;
    };
    const ending = runCommand(['node', file], { onSignal }, { network: 'own' });
    meeting.once('connection', (socket) => socket.once('data', () => pass('SIGTERM')));
    expect(await ending).toMatchObject({ exitCode: 4 });
  });
});
