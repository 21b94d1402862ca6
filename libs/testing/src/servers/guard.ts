// A program of its own: starts servers for its owner and ends them, and removes their folder, as soon as the owner asks
// for it or is gone. Nothing that happens to a test run (Ctrl-C, a crash, SIGKILL) leaves a server behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type AtEndRequest, type GuardEvent, type StartRequest, guardRequest } from './guard-protocol.ts';

const folder = process.argv[2];
if (folder === undefined || process.send === undefined) throw new Error('guard.ts is started by startGuard only');

interface Server {
  readonly child: ChildProcess;
  readonly stopSignal: NodeJS.Signals;
  readonly exited: Promise<void>;
}

// In the order of their start: later ones may depend on earlier ones.
const servers = new Map<string, Server>();
const endCommands: AtEndRequest[] = [];
let stopping = false;

function tell(event: GuardEvent): void {
  if (process.connected) process.send?.(event);
}

function start({ name, command, args, env, uid, gid, stopSignal }: StartRequest, log: string): void {
  const output = openSync(log, 'a');
  const user = { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
  const child = spawn(command, args, { stdio: ['ignore', output, output], env: { ...process.env, ...env }, ...user });
  const exited = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      tell({ kind: 'failed', name, message: error.message });
      resolve();
    });
    child.on('exit', (code, signal) => {
      tell({ kind: 'exited', name, how: signal ?? `exit code ${code}` });
      resolve();
    });
  });
  servers.delete(name);
  servers.set(name, { child, stopSignal, exited });
  if (child.pid !== undefined) tell({ kind: 'started', name, pid: child.pid });
}

async function stopServer({ child, stopSignal, exited }: Server): Promise<void> {
  child.kill(stopSignal);
  const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000);
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) await exited;
  clearTimeout(impatience);
}

function runToEnd({ command, args }: AtEndRequest): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}

async function stopAll(root: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  for (const server of [...servers.values()].toReversed()) await stopServer(server);
  for (const request of endCommands) {
    // What could not be ended may still be using the folder.
    if (!(await runToEnd(request))) process.exit(1);
  }
  await rm(root, { recursive: true, force: true, maxRetries: 3 });
  process.exit();
}

process.on('message', (message) => {
  const request = guardRequest.parse(message);
  switch (request.kind) {
    case 'start':
      if (!stopping) start(request, join(folder, `${request.name}.log`));
      break;
    case 'kill':
      servers.get(request.name)?.child.kill(request.signal);
      break;
    case 'atEnd':
      endCommands.push(request);
      break;
    case 'stop':
      void stopAll(folder);
      break;
  }
});
process.on('disconnect', () => void stopAll(folder));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stopAll(folder));
