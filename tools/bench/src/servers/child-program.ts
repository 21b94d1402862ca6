// Programs of this project that run as processes of their own, so that what they do does not weigh on what measures them:
// one JSON document in as their only argument, one out as their only message.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { z } from 'zod';

/** Runs the program to its end. @throws Error when it ends without an answer of this shape. */
export async function runChildProgram<Answer>(
  program: URL,
  input: object,
  answer: z.ZodType<Answer>,
  nodeOptions: readonly string[] = [],
): Promise<Answer> {
  const child = fork(program, [JSON.stringify(input)], { execArgv: [...nodeOptions] });
  const answers: unknown[] = [];
  child.on('message', (message) => answers.push(message));
  const exit: unknown[] = await once(child, 'exit');
  const [exitCode] = exit;
  if (answers.length !== 1) throw new Error(`${program.pathname} ended (${String(exitCode)}) without an answer`);
  return answer.parse(answers[0]);
}

/** In such a program: what it was started with. */
export function childInput<Input>(input: z.ZodType<Input>): Input {
  return input.parse(JSON.parse(process.argv[2] ?? ''));
}

/** In such a program: hands in the answer and lets the process end when nothing keeps it. */
export function childAnswer(answer: object): void {
  if (process.send === undefined) throw new Error('this program is started by a bench only');
  process.send(answer);
  process.disconnect?.();
}
