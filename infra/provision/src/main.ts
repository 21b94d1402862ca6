// Entry for production: node infra/provision/src/main.ts. The only reader of arguments and environment.
import { argv, env, stderr, stdout } from 'node:process';
import { run } from './cli/run.ts';

process.exitCode = await run(argv.slice(2), {
  environment: env,
  print: (text) => stdout.write(text),
  complain: (text) => stderr.write(text),
});
