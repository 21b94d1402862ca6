// JSON lines on standard output. Field names are in log-fields.ts; where lines go afterwards is the platform's business.
import { pino } from 'pino';
import type { LogFields } from './log-fields.ts';
import { prettyLine } from './pretty-line.ts';
import { mayHoldSecrets, withoutSecrets } from './without-secrets.ts';

/** Log levels, most talkative first. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** One level: attributes and a constant message, or the message alone. */
export interface LogWrite {
  (fields: LogFields, message: string): void;
  (message: string): void;
}

/** What code logs to. The level belongs to the error: `warn` for what repairs itself, `error` for what needs a person. */
export interface Logger {
  readonly trace: LogWrite;
  readonly debug: LogWrite;
  readonly info: LogWrite;
  readonly warn: LogWrite;
  readonly error: LogWrite;
  readonly fatal: LogWrite;
  /** A logger that adds these attributes to each line. */
  readonly child: (fields: LogFields) => Logger;
}

export interface LoggerOptions {
  readonly app: string;
  readonly level: LogLevel;
  /** Lines for people instead of JSON. */
  readonly pretty?: boolean;
  /** Where lines go; standard output by default. */
  readonly destination?: { write: (line: string) => void };
}

/** A logger writing synchronously, so that the last line before an exit is not lost. */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: options.level,
    base: { app: options.app },
    timestamp: timeField(),
    formatters: { level: (label: string) => ({ level: label }), log: loggedFields },
    serializers: { err: errorFields },
  };
  const target = options.destination ?? pino.destination({ dest: 1, sync: true });
  if (options.pretty !== true) return withSafeChildren(pino(settings, target));
  const prettyTarget = {
    write: (line: string): void => {
      target.write(prettyLine(line));
    },
  };
  return withSafeChildren(pino(settings, prettyTarget));
}

/** The time as pino wants it, ISO 8601. Put into words once a millisecond: a busy process writes many lines in one. */
function timeField(): () => string {
  let at = Number.NaN;
  let field = '';
  return () => {
    const now = Date.now();
    if (now !== at) field = `,"time":"${new Date(now).toISOString()}"`;
    at = now;
    return field;
  };
}

/** Pino formats the fields of lines, not those that a child adds to each line. */
function withSafeChildren(logger: Logger): Logger {
  const child = logger.child.bind(logger);
  return Object.assign(logger, { child: (fields: LogFields) => withSafeChildren(child(loggedFields({ ...fields }))) });
}

/** The fields of a line as they are written. */
function loggedFields(fields: Record<string, unknown>): Record<string, unknown> {
  if (!mayHoldSecrets(fields)) return fields;
  const { err, ...rest } = fields;
  const safe = withoutSecrets(rest, errorFields);
  // Pino's serializer takes the error itself.
  return { ...(typeof safe === 'object' && safe), ...('err' in fields && { err }) };
}

const causesMax = 5;

/** Only chosen properties: errors of HTTP clients carry whole requests with their headers. */
function errorFields(thrown: unknown, depth = 0): unknown {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: String(thrown) };
  return {
    type: thrown.name,
    message: thrown.message,
    ...('code' in thrown && ['string', 'number'].includes(typeof thrown.code) ? { code: thrown.code } : {}),
    stack: thrown.stack,
    ...(thrown.cause !== undefined && depth < causesMax ? { cause: errorFields(thrown.cause, depth + 1) } : {}),
  };
}
