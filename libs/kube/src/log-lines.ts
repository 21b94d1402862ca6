// Splits the body of a log read with timestamps into lines, in memory that does not grow with a line's length.
// What the lines mean, and where they go, is not its business.

/** One line a container wrote. Very long ones come in parts, each with the time of the whole. */
export interface LogLine {
  /** When it was written, exactly as the kubelet spells it. */
  readonly at: string;
  /** Without time and line end. */
  readonly text: Uint8Array;
}

/** A text of the kubelet itself inside the body, such as that it has no log any more: it bears no time. */
export interface LogNotice {
  readonly notice: string;
}

export interface LogSplitter {
  /** The lines that are complete with this piece. */
  readonly push: (piece: Uint8Array) => readonly (LogLine | LogNotice)[];
  /** What stood after the last line end: of use only where the body came to its own end. */
  readonly end: () => readonly (LogLine | LogNotice)[];
}

/** Bytes of a line after which its first part is handed on: the rest follows as lines with the same time. */
export const logLineBytesMax = 256 * 1024;

const lineEnd = 0x0a;
const space = 0x20;
// RFC 3339 with nanoseconds and zone is 35 long.
const timeLengthMax = 40;

/** A splitter for one body. */
export function createLogSplitter(bytesMax: number = logLineBytesMax): LogSplitter {
  let parts: Uint8Array[] = [];
  let held = 0;
  /** Time of the line whose first parts have been handed on. */
  let continued: string | undefined;

  const take = (): Uint8Array => {
    const [only] = parts;
    const whole = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    parts = [];
    held = 0;
    return whole;
  };
  const hold = (bytes: Uint8Array): void => {
    if (bytes.byteLength === 0) return;
    // A copy: a view would keep the whole piece alive.
    parts.push(Uint8Array.from(bytes));
    held += bytes.byteLength;
  };
  const lineOf = (bytes: Uint8Array): LogLine | LogNotice => {
    if (continued !== undefined) return { at: continued, text: bytes };
    return parseLine(bytes);
  };
  const handOn = (out: (LogLine | LogNotice)[], isEnd: boolean): void => {
    const line = lineOf(take());
    continued = isEnd || !('at' in line) ? undefined : line.at;
    out.push(line);
  };

  return {
    push: (piece) => {
      const out: (LogLine | LogNotice)[] = [];
      let start = 0;
      while (start < piece.byteLength) {
        const found = piece.indexOf(lineEnd, start);
        const end = found === -1 ? piece.byteLength : found;
        const room = Math.min(end, start + bytesMax - held);
        hold(piece.subarray(start, room));
        start = room;
        if (room === end && found !== -1) {
          handOn(out, true);
          start = end + 1;
        } else if (held >= bytesMax) {
          handOn(out, false);
        }
      }
      return out;
    },
    end: () => {
      const out: (LogLine | LogNotice)[] = [];
      if (held > 0) handOn(out, true);
      return out;
    },
  };
}

function parseLine(bytes: Uint8Array): LogLine | LogNotice {
  const gap = bytes.subarray(0, timeLengthMax).indexOf(space);
  const at = gap === -1 ? '' : Buffer.from(bytes.subarray(0, gap)).toString('latin1');
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(at)) {
    return { notice: Buffer.from(bytes).toString('utf8') };
  }
  return { at, text: bytes.subarray(gap + 1) };
}
