// Runs the real program as a process of its own, as somebody at a shell would.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Resolves when it has ended, however that went. Nothing of this process's environment is handed on but PATH. */
export function runMain(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const options = { env: { PATH: process.env['PATH'], ...environment }, timeout: 25_000 };
    execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code;
      if (typeof exitCode === 'number') resolve({ exitCode, stdout, stderr });
      else reject(error ?? new Error('no exit code'));
    });
  });
}

/** The same with --json; what it printed, parsed. */
export async function runMainJson(
  args: readonly string[],
): Promise<{ readonly exitCode: number; readonly result: unknown }> {
  const { exitCode, stdout } = await runMain([...args, '--json']);
  const result: unknown = JSON.parse(stdout);
  return { exitCode, result };
}
