// From arguments to exit code: runs one command and prints its result or refusal.
import type { Environment, WorkLine } from './command-line.ts';
import { parseCommandLine, UsageError } from './command-line.ts';
import { helpText } from './help.ts';
import type { Report } from './report.ts';
import { Refusal } from './report.ts';

export interface RunDeps {
  readonly environment: Environment;
  /** Results. */
  readonly print: (text: string) => void;
  /** What goes wrong. */
  readonly complain: (text: string) => void;
}

/** Returns the exit code: 0 as wanted, 1 refused or not as wanted, 2 not understood. A bug throws. */
export async function run(args: readonly string[], deps: RunDeps): Promise<number> {
  try {
    const parsed = parseCommandLine(args, deps.environment);
    if (parsed.command === 'help') {
      deps.print(helpText(parsed.of));
      return 0;
    }
    return await work(parsed.line, parsed.json, deps);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    deps.complain(`${error.message}\n`);
    return 2;
  }
}

async function work(line: WorkLine, json: boolean, { print, complain }: RunDeps): Promise<number> {
  try {
    const report = await dispatch(line);
    const result = { ok: report.settled, ...report.json };
    print(json ? `${JSON.stringify(result, null, 2)}\n` : `${report.lines.join('\n')}\n`);
    return report.settled ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message, details } = error;
    if (json) print(`${JSON.stringify({ ok: false, code, message, ...details }, null, 2)}\n`);
    else complain(`${message}\n`);
    return 1;
  }
}

/** Loads only what the command needs: the clients of all three servers take most of a second. */
async function dispatch(line: WorkLine): Promise<Report> {
  switch (line.command) {
    case 'users':
      return (await import('./users-command.ts')).runUsers(line);
    case 'nats':
      return (await import('./nats-command.ts')).runNats(line);
    case 'postgres':
      return (await import('./postgres-command.ts')).runPostgres(line);
    case 'kubernetes':
      return (await import('./kubernetes-command.ts')).runKubernetes(line);
    case 'remove-pod':
      return (await import('./remove-pod-command.ts')).runRemovePod(line);
  }
}
