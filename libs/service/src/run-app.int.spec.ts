// The life of real processes: each spec starts one and looks at its exit code and its log lines.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from 'vitest';

const module = JSON.stringify(new URL('./run-app.ts', import.meta.url).href);
const config = JSON.stringify(new URL('./config.ts', import.meta.url).href);
// Something that keeps the process alive, as a listener does.
const staysAlive = `setInterval(() => undefined, 60_000);`;

let child: ChildProcess | undefined;
afterEach(() => {
  if (child?.exitCode === null) child.kill('SIGKILL');
});

class App {
  readonly lines: string[] = [];
  readonly #process: ChildProcess;
  readonly #exit: Promise<unknown>;
  readonly #watchers: (() => void)[] = [];

  /** @param options source text of what `runApp` is called with. */
  constructor(options: string) {
    const source = `import { runApp } from ${module}; import { ConfigError } from ${config}; ${staysAlive} runApp(${options});`;
    const args = ['--input-type=module-typescript', '--eval', source];
    this.#process = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    child = this.#process;
    this.#exit = once(this.#process, 'close');
    if (this.#process.stdout === null) throw new Error('no pipe');
    createInterface(this.#process.stdout).on('line', (line) => {
      this.lines.push(line);
      for (const look of this.#watchers) look();
    });
  }

  async saying(text: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.lines.some((line) => line.includes(text))) resolve();
      };
      this.#watchers.push(look);
      look();
    });
  }

  send(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async exitCode(): Promise<number | null> {
    await this.#exit;
    return this.#process.exitCode;
  }
}

const messages = (app: App): string => app.lines.join('\n');

it.each(['SIGTERM', 'SIGINT'] as const)('%s drains and ends with 0, though something is left open', async (signal) => {
  const app = new App(`{ name: 'spec', start: async ({ log }) => ({ stop: async () => log.info('drained') }) }`);
  await app.saying('"msg":"started"');
  app.send(signal);
  expect(await app.exitCode()).toBe(0);
  expect(messages(app)).toMatch(/stopping[^]*drained[^]*stopped/);
});

it('tells the app that it is stopping before it drains', async () => {
  const app = new App(`{ name: 'spec', start: async ({ log, signal }) => ({
    stop: async () => log.info(signal.aborted ? 'told' : 'not told') }) }`);
  await app.saying('"msg":"started"');
  app.send('SIGTERM');
  await app.exitCode();
  expect(messages(app)).toContain('"msg":"told"');
});

it('a second signal ends it at once with 1', async () => {
  const app = new App(`{ name: 'spec', start: async () => ({ stop: async () => new Promise(() => {}) }) }`);
  await app.saying('"msg":"started"');
  app.send('SIGTERM');
  await app.saying('"msg":"stopping"');
  app.send('SIGTERM');
  expect(await app.exitCode()).toBe(1);
});

it('draining that does not end is cut at its deadline, with 1', async () => {
  const app = new App(
    `{ name: 'spec', drainMs: 50, start: async () => ({ stop: async () => new Promise(() => {}) }) }`,
  );
  await app.saying('"msg":"started"');
  app.send('SIGTERM');
  expect(await app.exitCode()).toBe(1);
  expect(messages(app)).toContain('draining took too long');
});

it('a signal during the start waits for the start and drains what it opened', async () => {
  const app = new App(`{ name: 'spec', start: async ({ log, signal }) => {
    log.info('opening');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return { stop: async () => log.info('drained') };
  } }`);
  await app.saying('"msg":"opening"');
  app.send('SIGTERM');
  expect(await app.exitCode()).toBe(0);
  expect(messages(app)).toContain('"msg":"drained"');
});

it('a start that ends because of the signal is no failure', async () => {
  const app = new App(`{ name: 'spec', start: async ({ log, signal }) => {
    log.info('opening');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    signal.throwIfAborted();
  } }`);
  await app.saying('"msg":"opening"');
  app.send('SIGTERM');
  expect(await app.exitCode()).toBe(0);
  expect(messages(app)).not.toContain('fatal');
});

it.each([
  ['a failed start', `{ name: 'spec', start: async () => { throw new Error('no port'); } }`, 'no port'],
  [
    'an unhandled rejection',
    `{ name: 'spec', start: async () => { Promise.reject(new Error('forgotten')); return { stop: async () => {} }; } }`,
    'forgotten',
  ],
  [
    'an uncaught exception',
    `{ name: 'spec', start: async () => { setImmediate(() => { throw new Error('thrown'); }); return { stop: async () => {} }; } }`,
    'thrown',
  ],
  [
    'bad configuration',
    `{ name: 'spec', start: async () => { throw new ConfigError('HTTP_PORT: must be a port'); } }`,
    'HTTP_PORT: must be a port',
  ],
])('%s is logged and ends with 1', async (_what, options, text) => {
  const app = new App(options);
  expect(await app.exitCode()).toBe(1);
  expect(app.lines.at(-1)).toContain('"level":"fatal"');
  expect(app.lines.at(-1)).toContain(text);
});

it('a failing drain ends with 1', async () => {
  const app = new App(`{ name: 'spec', start: async () => ({ stop: async () => { throw new Error('stuck'); } }) }`);
  await app.saying('"msg":"started"');
  app.send('SIGTERM');
  expect(await app.exitCode()).toBe(1);
  expect(messages(app)).toContain('stuck');
});

it('logs at the level that was asked for, and at info for a level that does not exist', async () => {
  const start = `start: async ({ log }) => { log.debug('detail'); throw new Error('end'); }`;
  const [talkative, unknown] = [`level: 'debug'`, `level: 'loud'`].map(
    (level) => new App(`{ name: 'spec', ${level}, ${start} }`),
  );
  await Promise.all([talkative?.exitCode(), unknown?.exitCode()]);
  expect([talkative, unknown].map((app) => app?.lines.length)).toEqual([2, 1]);
});
