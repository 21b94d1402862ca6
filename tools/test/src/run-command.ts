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
  /** Whether the output appears on this process's terminal (the default) or is dropped. */
  readonly output?: 'inherit' | 'ignore';
}

/** Runs a program of node_modules/.bin. */
export function runCommand([program, ...args]: Command, signals: SignalSource, place: Place = {}): Promise<Ended> {
  const { folder = root, output = 'inherit' } = place;
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, 'node_modules', '.bin', program), args, {
      cwd: folder,
      env: environment(),
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
