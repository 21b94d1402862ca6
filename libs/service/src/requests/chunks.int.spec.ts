import { randomBytes } from 'node:crypto';
import { createInbox, type NatsConnection } from '@nats-io/transport-node';
import { eventually, freshPrefix } from '@pods/testing';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { createLogger } from '../logger.ts';
import { closeNats, connectNats, inboxPrefix } from '../nats-connection.ts';
import { answered, refused, type Answer } from './answer.ts';
import { RequestFailedError, RequestTimeoutError, ServiceUnavailableError } from './errors.ts';
import { collectBytes, requestChunks, type RequestChunksOptions } from './request-chunks.ts';
import { serveChunks } from './serve-chunks.ts';
import { headersOf, wire } from './wire.ts';

let lines: string[] = [];
const log = createLogger({ app: 'spec', level: 'warn', destination: { write: (line) => void lines.push(line) } });
const sizeMax = 100_000_000;
const kib = 1024;
let asker: NatsConnection;
let server: NatsConnection;
let subject: string;

beforeEach(async () => {
  subject = `${freshPrefix()}.bytes`;
  lines = [];
  const options = { url: inject('natsUrl'), log, signal: new AbortController().signal };
  [asker, server] = await Promise.all([
    connectNats({ app: 'asker', ...options }),
    connectNats({ app: 'server', ...options }),
  ]);
});
afterEach(async () => {
  await Promise.all([closeNats(asker, 100), closeNats(server, 100)]);
});

/** A source that tells how often it was asked and when it was let go. */
class Source {
  asked = 0;
  readonly ended = Promise.withResolvers<void>();
  readonly #pieces: Iterable<Uint8Array>;
  readonly #before: (number: number) => Promise<void>;

  constructor(pieces: Iterable<Uint8Array>, before: (number: number) => Promise<void> = async () => Promise.resolve()) {
    this.#pieces = pieces;
    this.#before = before;
  }

  async *bytes(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (const piece of this.#pieces) {
        this.asked += 1;
        await this.#before(this.asked);
        yield piece;
      }
    } finally {
      this.ended.resolve();
    }
  }
}

async function serving(answer: () => Answer<AsyncIterable<Uint8Array>>, deadlineMs = 60_000): Promise<void> {
  const handler = async () => Promise.resolve(answer());
  serveChunks(server, subject, { queue: 'spec', schema: z.unknown(), deadlineMs, log, handler });
  await server.flush();
}

async function ask(options: Partial<RequestChunksOptions> = {}): Promise<Answer<AsyncIterable<Uint8Array>>> {
  const all = { inbox: inboxPrefix('asker'), timeoutMs: 5000, deadlineMs: 20_000, ...options };
  return requestChunks(asker, subject, { any: 'thing' }, all);
}

async function askBytes(options: Partial<RequestChunksOptions> = {}): Promise<AsyncIterable<Uint8Array>> {
  const answer = await ask(options);
  if (!answer.ok) throw new Error(`refused: ${answer.refusal.code}`);
  return answer.value;
}

const smallPieces = (count: number): readonly Uint8Array[] => Array.from({ length: count }, () => Buffer.from('piece'));

/** Until the server has dropped all subscriptions of the connection that subscribed this. */
async function serverForgot(probe: string): Promise<void> {
  await eventually(async () => {
    const reply = server.request(probe, '', { timeout: 100 });
    await expect(reply).rejects.toThrow('no responders');
  });
}

function* endlessPieces(): Generator<Uint8Array, void, void> {
  for (;;) yield Buffer.from('piece');
}

describe('whole answers', () => {
  it('arrive byte for byte, in parts of at most 512 KiB', async () => {
    const pieces = [1, 600 * kib, 0, 3 * kib, 2000 * kib].map((size) => randomBytes(size));
    await serving(() => answered(new Source(pieces).bytes()));
    const sizes: number[] = [];
    const received: Uint8Array[] = [];
    for await (const part of await askBytes()) {
      sizes.push(part.length);
      received.push(part);
    }
    expect(Buffer.concat(received).equals(Buffer.concat(pieces))).toBe(true);
    expect(Math.max(...sizes)).toBe(512 * kib);
  });

  it('may be empty', async () => {
    await serving(() => answered(new Source([]).bytes()));
    expect(await collectBytes(await askBytes(), sizeMax)).toHaveLength(0);
  });

  it('a refusal is a value', async () => {
    await serving(() => refused('no_logs', 'The pod has no logs yet.', true));
    expect(await ask()).toEqual(refused('no_logs', 'The pod has no logs yet.', true));
  });

  it('several at once do not mix', async () => {
    let next = 0;
    await serving(() => {
      next += 1;
      return answered(new Source(Array.from({ length: 5 }, () => Buffer.alloc(300 * kib, next))).bytes());
    });
    const all = await Promise.all([1, 2, 3].map(async () => collectBytes(await askBytes(), sizeMax)));
    expect(all.map((bytes) => new Set(bytes).size)).toEqual([1, 1, 1]);
  });
});

describe('holding back', () => {
  it('reads the source no further than the asker takes', async () => {
    const source = new Source(smallPieces(10));
    await serving(() => answered(source.bytes()));
    const parts = (await askBytes())[Symbol.asyncIterator]();
    await parts.next();
    await asker.flush();
    await server.flush();
    expect(source.asked).toBe(1);
    await parts.next();
    expect(source.asked).toBe(2);
    await parts.return?.();
  });

  it('an asker that leaves early ends the source', async () => {
    const source = new Source(smallPieces(10));
    await serving(() => answered(source.bytes()));
    for await (const part of await askBytes()) if (part.length > 0) break;
    await source.ended.promise;
    expect(source.asked).toBe(1);
    // Told, not found out by the 10 s that a receipt may take.
  }, 5000);

  it('an asker that is gone ends the source at the next part', async () => {
    const gone = Promise.withResolvers<void>();
    const source = new Source(smallPieces(10), async (number) => (number === 2 ? gone.promise : Promise.resolve()));
    await serving(() => answered(source.bytes()));
    const parts = (await askBytes())[Symbol.asyncIterator]();
    await parts.next();
    const second = parts.next();
    second.catch(() => undefined);
    const probe = `${subject}.probe`;
    asker.subscribe(probe);
    await asker.flush();
    await asker.close();
    await serverForgot(probe);
    gone.resolve();
    await source.ended.promise;
    await server.drain();
    expect([source.asked, lines]).toEqual([2, []]);
  }, 5000);

  it('an asker that gives up waiting tells the part that comes late to stop', async () => {
    const late = Promise.withResolvers<void>();
    const source = new Source(smallPieces(10), async (number) => (number === 2 ? late.promise : Promise.resolve()));
    await serving(() => answered(source.bytes()));
    await expect(collectBytes(await askBytes({ timeoutMs: 50 }), sizeMax)).rejects.toThrow(RequestTimeoutError);
    late.resolve();
    await source.ended.promise;
    expect(source.asked).toBe(2);
    // Told, not found out by the 10 s that a receipt may take.
  }, 5000);

  it('more bytes than the asker wants end it', async () => {
    const source = new Source(smallPieces(10));
    await serving(() => answered(source.bytes()));
    await expect(collectBytes(await askBytes(), 12)).rejects.toThrow(RangeError);
    await source.ended.promise;
  });
});

describe('broken answers are never taken for whole ones', () => {
  it('the sender fails half way', async () => {
    const source = new Source(smallPieces(3), async (number) => {
      if (number === 3) throw new Error('hunter2');
      return Promise.resolve();
    });
    await serving(() => answered(source.bytes()));
    const reading = collectBytes(await askBytes(), sizeMax);
    await expect(reading).rejects.toThrow(RequestFailedError);
    await expect(reading).rejects.not.toThrow('hunter2');
  });

  it('the sender goes away half way', async () => {
    const source = new Source(smallPieces(3), async (number) => (number === 2 ? server.close() : Promise.resolve()));
    await serving(() => answered(source.bytes()));
    await expect(collectBytes(await askBytes({ timeoutMs: 100 }), sizeMax)).rejects.toThrow(RequestTimeoutError);
  });

  it('the sender passes its deadline half way', async () => {
    const source = new Source(smallPieces(3), async (number) =>
      number === 2 ? new Promise<never>(() => undefined) : Promise.resolve(),
    );
    await serving(() => answered(source.bytes()), 50);
    await expect(collectBytes(await askBytes(), sizeMax)).rejects.toThrow(ServiceUnavailableError);
  });

  it.each([
    ['a part is missing', [{ [wire.part]: 1 }, { [wire.part]: 3 }], 'part 2 is missing'],
    ['a part comes twice', [{ [wire.part]: 1 }, { [wire.part]: 1 }], 'part 2 is missing'],
    ['the last part is missing', [{ [wire.part]: 1 }, { [wire.end]: 2 }], '2 parts were sent and 1 came'],
    ['a message says nothing about itself', [{ [wire.part]: 1 }, {}], 'part 2 is missing'],
  ])('%s', async (_what, messages, problem) => {
    server.subscribe(subject, {
      callback: (_error, message) => {
        for (const headers of messages) {
          server.publish(message.reply ?? '', 'part', { headers: headersOf(headers), reply: createInbox('unused') });
        }
      },
    });
    await server.flush();
    await expect(collectBytes(await askBytes(), sizeMax)).rejects.toThrow(problem);
  });
});

describe('waiting', () => {
  it('nobody serving is told at once', async () => {
    await expect(ask({ timeoutMs: 60_000 })).rejects.toThrow(ServiceUnavailableError);
  });

  it('silence ends in a timeout', async () => {
    server.subscribe(subject);
    await server.flush();
    await expect(ask({ timeoutMs: 20 })).rejects.toThrow(RequestTimeoutError);
  });

  it('everything together has a deadline, however lively the parts come', async () => {
    const source = new Source(endlessPieces());
    await serving(() => answered(source.bytes()));
    const reading = collectBytes(await askBytes({ deadlineMs: 100 }), sizeMax);
    await expect(reading).rejects.toMatchObject({ retryable: true });
    await source.ended.promise;
  });

  it('the asker can stop, and so does the source', async () => {
    const source = new Source(endlessPieces());
    await serving(() => answered(source.bytes()));
    const stopping = new AbortController();
    let taken = 0;
    const read = async (): Promise<void> => {
      for await (const part of await askBytes({ signal: stopping.signal })) {
        taken += part.length;
        stopping.abort(new Error('stopping'));
      }
    };
    await expect(read()).rejects.toThrow('stopping');
    await source.ended.promise;
    expect(taken).toBe('piece'.length);
  }, 5000);
});
