// Runs one program to its end, on this process's terminal, and passes signals on.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Counts, isCounts } from './counts.ts';
import type { Command } from './sections.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface Ended {
  /** As a shell has it: 128 and the signal's number when a signal ended it. */
  readonly exitCode: number;
  /** What the counting reporter sent, when there was one. */
  readonly counts: Counts | undefined;
}

export interface Place {
  /** Where to run; the root of the workspace when not given. */
  readonly folder?: string;
  /**
   * `own`: a network with nothing but a loopback device, which meets no port, bridge or packet rule of this machine and is
   * gone with its last process, however that ends. Needs root on Linux.
   */
  readonly network?: 'shared' | 'own';
  /** Environment variables beside this process's. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Whether the output appears on this process's terminal (the default) or is dropped. */
  readonly output?: 'inherit' | 'ignore';
}

/** Each of these becomes the next, so signals and the channel of the reporter reach the command itself. */
const intoOwnNetwork = [
  'unshare',
  '--net',
  'sh',
  '-c',
  // Administrators' programs are not on everybody's PATH.
  'PATH=$PATH:/usr/sbin:/sbin ip link set lo up && exec "$@"',
  'sh',
] as const;

/** Runs a program of node_modules/.bin. */
export function runCommand([program, ...args]: Command, signals: SignalSource, place: Place = {}): Promise<Ended> {
  const { folder = root, output = 'inherit', network = 'shared', variables = {} } = place;
  const path = join(root, 'node_modules', '.bin', program);
  const [first, ...others] = network === 'own' ? [...intoOwnNetwork, path, ...args] : [path, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(first, others, {
      cwd: folder,
      env: { ...environment(), ...variables },
      stdio: ['inherit', output, output, 'ipc'],
    });
    let counts: Counts | undefined;
    child.on('message', (message) => {
      if (isCounts(message)) counts = message;
    });
    const unsubscribe = signals.onSignal((signal) => child.kill(signal));
    child.on('error', (error) => {
      unsubscribe();
      reject(error);
    });
    // 'close', not 'exit': only then has the last message come through.
    child.on('close', (code, signal) => {
      unsubscribe();
      resolve({ exitCode: code ?? (signal === null ? 1 : 128 + constants.signals[signal]), counts });
    });
  });
}

export interface SignalSource {
  /** Calls back with each signal that must be passed on; returns the way to end that. */
  readonly onSignal: (listener: (signal: NodeJS.Signals) => void) => () => void;
}

/**
 * Without a terminal no colours. oxlint and oxfmt colour their output wherever CI is set, so that is taken away; nothing
 * of ours asks for it.
 */
function environment(): NodeJS.ProcessEnv {
  if (process.stdout.isTTY) return process.env;
  const { CI: _, FORCE_COLOR: __, ...rest } = process.env;
  return { ...rest, NO_COLOR: '1' };
}
