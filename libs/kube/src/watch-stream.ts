// One watch request: sends it, splits its endless body into lines, and ends it when it falls silent.
import type { KubeConnection, KubeRequest } from './connection.ts';
import { translate } from './connection.ts';
import type { StatusObject } from './errors.ts';
import { errorOfStatus, KubeError } from './errors.ts';

/** One line of a watch. A BOOKMARK's object holds a resource version and nothing else. */
export interface WatchLine {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: unknown;
}

export interface WatchDeps {
  readonly connection: KubeConnection;
  /** Milliseconds without a byte after which the connection counts as dead. */
  readonly silenceMsMax: number;
  /** Called once the server has accepted the watch and with every piece that arrives. */
  readonly onContact: () => void;
}

/**
 * Yields the lines of a watch until the server ends it.
 * @throws KubeError, also for an ERROR line (`Gone` when the resource version is too old); the signal's reason.
 */
export async function* watchLines(
  deps: WatchDeps,
  request: Omit<KubeRequest, 'method' | 'endless'>,
): AsyncGenerator<WatchLine, void, undefined> {
  const silence = new AbortController();
  const signal = AbortSignal.any([request.signal, silence.signal]);
  const timer = setTimeout(() => {
    silence.abort(new KubeError('Unavailable', `the watch was silent for ${deps.silenceMsMax} ms`));
  }, deps.silenceMsMax);
  const contact = (): void => {
    timer.refresh();
    deps.onContact();
  };
  try {
    const answer = await deps.connection.send({ ...request, method: 'GET', endless: true, signal });
    contact();
    if (answer.body === null) return;
    for await (const line of splitLines(answer.body, contact)) yield parseLine(line);
  } catch (error) {
    if (silence.signal.aborted) throw silence.signal.reason;
    throw translate(error, deps.connection.server, request.signal);
  } finally {
    clearTimeout(timer);
    // Frees the connection also when the reader stops early.
    silence.abort();
  }
}

async function* splitLines(
  body: AsyncIterable<Uint8Array>,
  contact: () => void,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of body) {
    contact();
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
}

function parseLine(text: string): WatchLine {
  const parsed: unknown = JSON.parse(text);
  const type: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'type') : undefined;
  const object: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'object') : undefined;
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return { type, object };
    case 'ERROR':
      throw errorOfStatus(statusOf(object));
    default:
      throw new KubeError('Unexpected', 'the watch sent a line of an unknown type');
  }
}

function statusOf(object: unknown): StatusObject {
  if (typeof object !== 'object' || object === null) return {};
  const code: unknown = Reflect.get(object, 'code');
  const reason: unknown = Reflect.get(object, 'reason');
  const message: unknown = Reflect.get(object, 'message');
  return {
    code: typeof code === 'number' ? code : undefined,
    reason: typeof reason === 'string' ? reason : undefined,
    message: typeof message === 'string' ? message : undefined,
  };
}
