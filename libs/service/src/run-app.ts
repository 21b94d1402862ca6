// The life of a process: start, wait for a signal, drain, exit code. What is started is the app's business.
import { ConfigError } from './config.ts';
import { createLogger, type Logger, type LogLevel } from './logger.ts';

export interface AppContext {
  /** Aborts when the process begins to stop: end waits and endless responses, take no new work. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** What `start` gives back: how to let go of everything it opened, in order. */
export interface RunningApp {
  readonly stop: () => Promise<void>;
}

export interface RunAppOptions {
  readonly name: string;
  /** As the environment has it; anything unknown counts as `info` (the app's own configuration refuses it). */
  readonly level?: string | undefined;
  readonly start: (context: AppContext) => Promise<RunningApp>;
  /** Time for `stop`, 10 s by default; after it the process exits with 1. */
  readonly drainMs?: number;
}

/**
 * Owns the process: SIGTERM or SIGINT drains and exits with 0, a second one exits with 1 at once; a failed start, an
 * unhandled rejection or an uncaught exception is logged and exits with 1. Call it once, from main.ts.
 */
export function runApp(options: RunAppOptions): void {
  const { name, drainMs = 10_000 } = options;
  const log = createLogger({ app: name, level: levelOf(options.level) });
  const stopping = new AbortController();
  const fail = (err: unknown, message: string): never => {
    log.fatal(err instanceof ConfigError ? { code: err.code, reason: err.message } : { err }, message);
    process.exit(1);
  };
  process.on('uncaughtException', (err) => void fail(err, 'uncaught exception'));
  process.on('unhandledRejection', (err) => void fail(err, 'unhandled rejection'));

  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping.signal.aborted) {
      log.warn({ signal }, 'second signal: exiting without draining');
      process.exit(1);
    }
    log.info({ signal }, 'stopping');
    stopping.abort(new Error(`stopping on ${signal}`));
    void drain();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);

  // Only now: a signal that comes early must already find its handler.
  const started = begin(options, { signal: stopping.signal, log });
  started.then(
    () => stopping.signal.aborted || log.info('started'),
    // A start that ends because we were told to stop is no failure.
    (err: unknown) => stopping.signal.aborted || fail(err, 'the start failed'),
  );

  const drain = async (): Promise<void> => {
    const tooLong = (): void => void fail(new Error(`not done after ${drainMs} ms`), 'draining took too long');
    const deadline = setTimeout(tooLong, drainMs);
    const app = await started.catch(() => undefined);
    await app?.stop();
    clearTimeout(deadline);
    log.info('stopped');
    process.exit(0);
  };
}

/** A start that throws at once is a start that rejects. */
async function begin(options: RunAppOptions, context: AppContext): Promise<RunningApp> {
  return options.start(context);
}

const levels: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] satisfies LogLevel[];

function levelOf(text: string | undefined): LogLevel {
  return text !== undefined && isLevel(text) ? text : 'info';
}

function isLevel(text: string): text is LogLevel {
  return levels.includes(text);
}
