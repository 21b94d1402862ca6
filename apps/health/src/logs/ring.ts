// The newest output of one container in bounded memory: whole lines, the oldest dropped first. No I/O.

export interface LogRing {
  /** Adds a line; its line end is added here. A line longer than the ring keeps its newest part. */
  readonly push: (line: Uint8Array) => void;
  /** Bytes held, line ends included; never above the limit. */
  readonly sizeBytes: number;
  /** Memory that is taken for them: blocks that are not full yet count whole. */
  readonly memoryBytes: number;
  /**
   * Gives up the oldest block, for the sake of other rings; what is held then begins with a line that says so.
   * Answers the bytes of output that went.
   */
  readonly dropOldest: () => number;
  /** What is held at this moment, oldest first, in pieces that later pushes do not change. */
  readonly pieces: () => readonly Uint8Array[];
}

/** Lines are packed into blocks, because an object per line would cost many times its text. */
interface Block {
  readonly bytes: Uint8Array;
  start: number;
  end: number;
}

const blockBytesFirst = 4 * 1024;
const blockBytesMax = 64 * 1024;
const lineEnd = 0x0a;
const nul = 0;

/** An empty ring for at most `sizeBytesMax` bytes. */
export function createLogRing(sizeBytesMax: number): LogRing {
  const blocks: Block[] = [];
  let sizeBytes = 0;
  let memoryBytes = 0;
  let cutBytes = 0;

  const shift = (): void => {
    memoryBytes -= blocks.shift()?.bytes.byteLength ?? 0;
  };
  const blockFor = (bytes: number): Block => {
    const newest = blocks.at(-1);
    if (newest !== undefined && newest.bytes.byteLength - newest.end >= bytes) return newest;
    const grown = newest === undefined ? blockBytesFirst : Math.min(newest.bytes.byteLength * 2, blockBytesMax);
    const block = { bytes: new Uint8Array(Math.max(grown, bytes)), start: 0, end: 0 };
    blocks.push(block);
    memoryBytes += block.bytes.byteLength;
    return block;
  };

  /** Drops whole lines until `bytes` more fit. A block holds whole lines only. */
  const makeRoom = (bytes: number): void => {
    for (let excess = sizeBytes + bytes - sizeBytesMax; excess > 0; excess = sizeBytes + bytes - sizeBytesMax) {
      const [oldest] = blocks;
      if (oldest === undefined) return;
      const held = oldest.end - oldest.start;
      const dropped =
        excess >= held ? held : oldest.bytes.indexOf(lineEnd, oldest.start + excess - 1) + 1 - oldest.start;
      oldest.start += dropped;
      sizeBytes -= dropped;
      if (oldest.start === oldest.end) shift();
    }
  };

  return {
    push: (line) => {
      const text = withoutNul(line);
      const kept = text.byteLength < sizeBytesMax ? text : text.subarray(text.byteLength - (sizeBytesMax - 1));
      const bytes = kept.byteLength + 1;
      makeRoom(bytes);
      const block = blockFor(bytes);
      block.bytes.set(kept, block.end);
      block.bytes[block.end + kept.byteLength] = lineEnd;
      block.end += bytes;
      sizeBytes += bytes;
    },
    get sizeBytes() {
      return sizeBytes;
    },
    get memoryBytes() {
      return memoryBytes;
    },
    dropOldest: () => {
      const [oldest] = blocks;
      if (oldest === undefined) return 0;
      const dropped = oldest.end - oldest.start;
      shift();
      sizeBytes -= dropped;
      cutBytes += dropped;
      return dropped;
    },
    pieces: () => {
      // Bytes between start and end are never written again: a block grows at its end only.
      const held = blocks.map((block) => block.bytes.subarray(block.start, block.end));
      return cutBytes === 0 ? held : [cutNotice(cutBytes), ...held];
    },
  };
}

function cutNotice(bytes: number): Uint8Array {
  const text = `[pods: ${bytes} bytes of older output were dropped, because the memory for the output of all pods was full]\n`;
  return new TextEncoder().encode(text);
}

/** Postgres and JSON readers refuse NUL; a log has no use for it (runtime.md 3.2, point 8). */
function withoutNul(line: Uint8Array): Uint8Array {
  return line.includes(nul) ? line.filter((byte) => byte !== nul) : line;
}
