// Bytes of a log as text: the newest whole lines, without NUL characters, which clients and databases choke on.

const lineFeed = 10;

/** At most `bytesMax` bytes of the end, beginning with a whole line. */
export function newestLines(bytes: Uint8Array, bytesMax: number): string {
  return new TextDecoder().decode(tail(bytes, bytesMax)).replaceAll('\0', '');
}

function tail(bytes: Uint8Array, bytesMax: number): Uint8Array {
  if (bytes.length <= bytesMax) return bytes;
  const start = bytes.length - bytesMax;
  // A line that begins exactly at the cut is whole.
  const lineEnd = bytes.indexOf(lineFeed, start - 1);
  return lineEnd === -1 ? bytes.subarray(start) : bytes.subarray(lineEnd + 1);
}
