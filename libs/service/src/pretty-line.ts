// Renders one JSON log line for a person at a terminal. It decides nothing about what is logged.

const leading = new Set(['time', 'level', 'app', 'msg', 'err']);

/** `12:00:00.000 INFO api message key=value …`, errors with their stack on the following lines; anything else unchanged. */
export function prettyLine(line: string): string {
  const fields = parse(line);
  if (fields === undefined) return line;
  const rest = Object.entries(fields)
    .filter(([name]) => !leading.has(name))
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
  const time = text(fields['time']).slice(11, 23);
  const head = `${time} ${text(fields['level']).toUpperCase().padEnd(5)} ${text(fields['app'])} ${text(fields['msg'])}`;
  const error = fields['err'];
  const stack = isRecord(error)
    ? `\n  ${(text(error['stack']) || text(error['message'])).replaceAll('\n', '\n  ')}`
    : '';
  return `${head}${rest}${stack}\n`;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
