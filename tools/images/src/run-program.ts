// Runs one of the machine's own programs to its end and turns failures into ImageBuildErrors.
import { execa } from 'execa';
import { ImageBuildError } from './errors.ts';

export type ProgramCall = {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
  /** Thrown when the program is not on PATH. */
  readonly whenMissing: () => ImageBuildError;
  /** Code of the error thrown when the program fails; its message is what the program said. */
  readonly whenFailed: ImageBuildError['code'];
};

/** The program's standard output. */
export const runProgram = async (program: string, call: ProgramCall): Promise<string> => {
  const { cwd, env, timeoutMs } = call;
  const result = await execa(program, [...call.args], { cwd, env: { ...env }, timeout: timeoutMs, reject: false });
  if (!result.failed) return result.stdout;
  if (result.code === 'ENOENT') throw call.whenMissing();
  const said = result.stderr.trim() === '' ? result.shortMessage : result.stderr.trim();
  throw new ImageBuildError(call.whenFailed, `${program} ${call.args.join(' ').slice(0, 200)} failed: ${said}`, result);
};
