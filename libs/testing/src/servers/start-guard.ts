// The owner's side of a guard: a temporary folder and the servers in it, which never outlive this process.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GuardEvent, type GuardRequest, guardEvent } from './guard-protocol.ts';

export interface StartOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  readonly stopSignal?: 'SIGKILL' | 'SIGQUIT';
}

/** A server that a guard has started. */
export interface GuardedProcess {
  readonly pid: number;
  /** Throws, with the end of the log, when the process has ended. */
  readonly assertRunning: () => Promise<void>;
  /** Sends the signal and waits until the process has ended. */
  readonly kill: (signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT') => Promise<void>;
}

export interface Guard {
  /** Everything in it is removed when the guard stops. Other users may pass through it. */
  readonly folder: string;
  readonly start: (options: StartOptions) => Promise<GuardedProcess>;
  /** Has a command run after the servers have ended. When it fails, the folder is kept for whoever looks into it. */
  readonly atEnd: (command: string, args: readonly string[]) => void;
  /** Ends all servers, runs what was given to `atEnd`, and removes the folder. */
  readonly stop: () => Promise<void>;
}

const guardProgram = fileURLToPath(new URL('guard.ts', import.meta.url));

/** Starts a guard with an empty folder of its own below the system's temporary folder. */
export async function startGuard(purpose: string): Promise<Guard> {
  const folder = await mkdtemp(join(tmpdir(), `pods-${purpose}-`));
  // Postgres runs as another user, who must be able to reach what is inside.
  await chmod(folder, 0o711);
  // Detached, so that a terminal's Ctrl-C reaches the owner only; the guard then sees the channel close.
  const child = fork(guardProgram, [folder], {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone: Promise<unknown[]> = once(child, 'exit');
  return {
    folder,
    start: (options) => start(child, folder, options),
    atEnd: (command, args) => send(child, { kind: 'atEnd', command, args: [...args] }),
    stop: async () => {
      if (child.connected) send(child, { kind: 'stop' });
      const [exitCode] = await gone;
      if (exitCode !== 0) console.error(`could not end everything; see ${folder}`);
    },
  };
}

async function start(child: ChildProcess, folder: string, options: StartOptions): Promise<GuardedProcess> {
  const { name } = options;
  const state: { ended?: string } = {};
  const exited = nextEvent(child, name, ['exited', 'failed']).then((event) => {
    state.ended = describe(event);
  });
  const started = nextEvent(child, name, ['started', 'failed']);
  send(child, { kind: 'start', ...options, args: [...options.args], env: { ...options.env } });
  const event = await started;
  if (event.kind !== 'started') throw new Error(`cannot start ${name}: ${describe(event)}`);
  return {
    pid: event.pid,
    assertRunning: async () => {
      if (state.ended === undefined) return;
      const log = await readFile(join(folder, `${name}.log`), 'utf8');
      throw new Error(`${name} ended (${state.ended}); the end of its log:\n${log.split('\n').slice(-20).join('\n')}`);
    },
    kill: async (signal) => {
      send(child, { kind: 'kill', name, signal });
      await exited;
    },
  };
}

function send(child: ChildProcess, request: GuardRequest): void {
  child.send(request);
}

/** The next event of one of these kinds about this server; 'failed' when the guard ends before. */
function nextEvent(child: ChildProcess, name: string, kinds: readonly GuardEvent['kind'][]): Promise<GuardEvent> {
  return new Promise((resolve) => {
    const settle = (event: GuardEvent): void => {
      child.off('message', onMessage);
      child.off('exit', onExit);
      resolve(event);
    };
    const onMessage = (message: unknown): void => {
      const event = guardEvent.parse(message);
      if (event.name === name && kinds.includes(event.kind)) settle(event);
    };
    const onExit = (): void => settle({ kind: 'failed', name, message: 'its guard ended' });
    child.on('message', onMessage);
    child.on('exit', onExit);
  });
}

function describe(event: GuardEvent): string {
  switch (event.kind) {
    case 'started':
      return 'running';
    case 'failed':
      return event.message;
    case 'exited':
      return event.how;
  }
}
