// The local platform's command line: npm start, stop, status, reset and prepare-machine. The only reader of the
// environment besides the programs' default places.
import { argv, cwd, env, exit, stderr, stdout } from 'node:process';
import { ImageBuildError, PushError } from '@pods/images';
import { helpText, parseCommandLine, UsageError } from './commands/command-line.ts';
import { runCommand } from './commands/run-command.ts';
import { ProgramError } from './programs/errors.ts';
import { SettingsError } from './settings/settings.ts';
import { MachineError } from './steps/machine.ts';
import { createScreen } from './ui/screen.ts';

/** Where administrators' programs are; not on everybody's PATH. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

const isForPeople = (error: unknown): error is Error =>
  [UsageError, SettingsError, MachineError, ProgramError, ImageBuildError, PushError].some(
    (kind) => error instanceof kind,
  );

const path = (env['PATH'] ?? '').split(':');
env['PATH'] = [...path, ...SYSTEM_FOLDERS.filter((folder) => !path.includes(folder))].join(':');

// Whoever read the output may leave, as `head` does; the platform goes on.
for (const stream of [stdout, stderr]) stream.on('error', () => undefined);

const controller = new AbortController();
const screen = createScreen(stdout, env);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (controller.signal.aborted) screen.print('  already ending, please wait');
    else controller.abort(new Error(`ended by ${signal}`));
  });
}

try {
  const commandLine = parseCommandLine(argv.slice(2));
  if (commandLine.help) stdout.write(helpText(commandLine.command));
  else
    process.exitCode = await runCommand(commandLine, {
      environment: env,
      cwd: cwd(),
      screen,
      signal: controller.signal,
    });
} catch (error) {
  if (!isForPeople(error)) throw error;
  screen.show([]);
  stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
// Connections that the platform's own processes left open must not hold this one back.
exit();
