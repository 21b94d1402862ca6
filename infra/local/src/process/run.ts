// Runs a command to its end.
import { execa } from 'execa';

/** How a command is run; all optional. */
export type RunOptions = {
  readonly input?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
};

/** A command that ended badly. */
export class CommandError extends Error {
  readonly command: string;

  constructor(command: string, output: string, cause: unknown) {
    super(`"${command}" failed${output === '' ? '' : `: ${output}`}`, { cause });
    this.name = 'CommandError';
    this.command = command;
  }
}

const LAST_LINES = 6;

type Ended = { readonly stdout: unknown; readonly stderr: unknown; readonly shortMessage?: string | undefined };

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

const outputOf = ({ stderr, stdout, shortMessage }: Ended): string =>
  ([stderr, stdout, shortMessage].find(isText) ?? '').trim().split('\n').slice(-LAST_LINES).join('\n');

/**
 * Standard output of a command.
 * @throws CommandError with the last lines that the command wrote.
 */
export const run = async (program: string, args: readonly string[], options: RunOptions = {}): Promise<string> => {
  const { input, signal, timeoutMs = 60_000, cwd, env, uid, gid } = options;
  const result = await execa(program, [...args], {
    reject: false,
    timeout: timeoutMs,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  if (!result.failed) return result.stdout;
  signal?.throwIfAborted();
  throw new CommandError([program, ...args.slice(0, 3)].join(' '), outputOf(result), result);
};

/** Runs a command whose failure means that there was nothing to do. */
export const attempt = async (program: string, args: readonly string[], options: RunOptions = {}): Promise<boolean> => {
  try {
    await run(program, args, options);
    return true;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
};
