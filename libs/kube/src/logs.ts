// Reading what a container wrote: one read over one connection, and a follower that resumes after every interruption.
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeConnection } from './connection.ts';
import { translate } from './connection.ts';
import { KubeError } from './errors.ts';
import { pathOf } from './kinds.ts';
import { createLogCursor } from './log-cursor.ts';
import type { LogLine, LogNotice } from './log-lines.ts';
import { createLogSplitter } from './log-lines.ts';

/** Whose output. */
export interface LogSource {
  readonly connection: KubeConnection;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

export interface ReadLogOptions {
  /** Goes on with what is written later; ends when the container does. */
  readonly follow: boolean;
  /** RFC 3339, whole seconds. */
  readonly sinceTime?: string | undefined;
  /** Milliseconds without a byte after which the connection counts as dead. A quiet container looks the same. */
  readonly silenceMsMax: number;
  /** Ends the read, at any time. */
  readonly signal: AbortSignal;
}

/**
 * Reads a log, piece by piece, until the server ends it.
 * @throws KubeError: `NotFound` when the Pod is gone, `Invalid` when its container never started or is none,
 * `Unavailable` when API server or kubelet cannot be reached, break off or fall silent; the signal's reason.
 */
export async function* readLog(
  source: LogSource,
  options: ReadLogOptions,
): AsyncGenerator<readonly (LogLine | LogNotice)[], void, undefined> {
  const { connection, namespace, pod, container } = source;
  const { follow, sinceTime, silenceMsMax } = options;
  const silence = new AbortController();
  const signal = AbortSignal.any([options.signal, silence.signal]);
  const timer = setTimeout(() => {
    silence.abort(new KubeError('Unavailable', `the log was silent for ${silenceMsMax} ms`));
  }, silenceMsMax);
  try {
    const answer = await connection.send({
      method: 'GET',
      path: `${pathOf('Pod', namespace, pod)}/log`,
      query: { container, follow, sinceTime, timestamps: true },
      accept: '*/*',
      endless: follow,
      signal,
    });
    const splitter = createLogSplitter();
    const body: AsyncIterable<Uint8Array> | null = answer.body;
    for await (const piece of body ?? noPieces) {
      timer.refresh();
      yield splitter.push(piece);
    }
    yield splitter.end();
  } catch (error) {
    options.signal.throwIfAborted();
    if (silence.signal.aborted) throw silence.signal.reason;
    throw translate(error, connection.server, options.signal);
  } finally {
    clearTimeout(timer);
    // Frees the connection also when the reader stops early.
    silence.abort();
  }
}

const noPieces: readonly Uint8Array[] = [];

export interface LogFollowerHooks {
  /** Each line once, in order. Must not throw. */
  readonly onLine: (line: LogLine) => void;
  /** Told of every interruption, for the log; the follower goes on by itself. */
  readonly onTrouble?: ((error: unknown) => void) | undefined;
  /** Told what the kubelet says in place of lines. */
  readonly onNotice?: ((notice: string) => void) | undefined;
}

export interface LogFollowerOptions {
  /** See {@link ReadLogOptions.silenceMsMax}; then it connects anew. 4 minutes by default. */
  readonly silenceMsMax?: number | undefined;
  /** Pauses between two connections, milliseconds; 200 and 15,000 by default. */
  readonly backoffMs?: { readonly first: number; readonly max: number } | undefined;
}

export interface LogFollower {
  /** Resolves when all is read that there was at the start, or when the following ends. Never rejects. */
  readonly caughtUp: Promise<void>;
  /**
   * Ends the following and reads what there is at this moment, trying again until `signal` aborts. `gone`: the Pod
   * object is no more, so there is nothing to read. @throws what went wrong last, when the signal aborts first
   */
  readonly finish: (signal: AbortSignal) => Promise<'complete' | 'gone'>;
  /** Ends the following. Never rejects. */
  readonly stop: () => Promise<void>;
}

const silenceMsMaxByDefault = 240_000;
const backoffMsByDefault = { first: 200, max: 15_000 };

/** Follows a container's output from its beginning, across lost connections, until it is told to end. */
export function followLog(
  source: LogSource,
  hooks: LogFollowerHooks,
  { silenceMsMax = silenceMsMaxByDefault, backoffMs = backoffMsByDefault }: LogFollowerOptions = {},
): LogFollower {
  const cursor = createLogCursor();
  const stopping = new AbortController();

  const readOnce = async (follow: boolean, signal: AbortSignal): Promise<boolean> => {
    let any = false;
    const isNew = cursor.begin();
    for await (const lines of readLog(source, { follow, sinceTime: cursor.sinceTime(), silenceMsMax, signal })) {
      for (const line of lines) {
        if ('notice' in line) hooks.onNotice?.(line.notice);
        else if (isNew(line)) {
          any = true;
          hooks.onLine(line);
        }
      }
    }
    return any;
  };

  /** Reads until `isEnough`, with growing pauses while nothing new comes. */
  const repeat = async (follow: boolean, signal: AbortSignal, isEnough: (error: unknown) => boolean): Promise<void> => {
    const ended = (): boolean => signal.aborted;
    for (let failures = 0; !ended(); failures += 1) {
      const startedAt = performance.now();
      try {
        if (await readOnce(follow, signal)) failures = 0;
        if (isEnough(undefined)) return;
      } catch (error) {
        if (ended() || isEnough(error)) return;
        hooks.onTrouble?.(error);
      }
      if (performance.now() - startedAt > backoffMs.max) failures = 0;
      const pauseMs = Math.min(backoffMs.first * 2 ** failures, backoffMs.max);
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  };

  const caughtUp = repeat(false, stopping.signal, (error) => error === undefined || isGone(error));
  // A log that ended may belong to a container that has ended, or to a connection that was closed in good order.
  const following = caughtUp.then(() => repeat(true, stopping.signal, isGone));
  const stop = async (): Promise<void> => {
    stopping.abort();
    await following;
  };
  return {
    caughtUp,
    stop,
    finish: async (signal) => {
      await stop();
      let outcome: 'complete' | 'gone' | undefined;
      let last: unknown;
      await repeat(false, signal, (error) => {
        last = error;
        if (error === undefined) outcome = 'complete';
        else if (isGone(error)) outcome = 'gone';
        return outcome !== undefined;
      });
      if (outcome === undefined) throw last ?? signal.reason;
      return outcome;
    },
  };
}

function isGone(error: unknown): boolean {
  return error instanceof KubeError && error.code === 'NotFound';
}
