// Carries bytes into a stream of the tar library, whose streams are not Node's own kind.

/** The part of a writable stream that is needed here. */
export type Sink = {
  readonly write: (chunk: Uint8Array) => boolean;
  readonly end: (last: undefined) => unknown;
  readonly on: (event: 'drain' | 'close', listener: () => void) => unknown;
  readonly off: (event: 'drain' | 'close', listener: () => void) => unknown;
  readonly destroyed: boolean;
};

const drained = async (sink: Sink): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  sink.on('drain', resolve);
  sink.on('close', resolve);
  await promise;
  sink.off('drain', resolve);
  sink.off('close', resolve);
};

/** The chunks of a stream of the tar library, whose types do not say that they are bytes. */
export async function* bytesOf(source: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('the tar library yielded something other than bytes');
    yield chunk;
  }
}

/** Writes all of `source` and ends the sink, no faster than the sink takes it. Stops early when the sink was destroyed. */
export const feed = async (source: AsyncIterable<Uint8Array>, sink: Sink): Promise<void> => {
  for await (const chunk of source) {
    if (sink.destroyed) return;
    if (!sink.write(chunk)) await drained(sink);
  }
  if (!sink.destroyed) sink.end(undefined);
};
