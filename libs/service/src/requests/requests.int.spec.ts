import type { NatsConnection } from '@nats-io/transport-node';
import { freshPrefix } from '@pods/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { DeadlineError } from '../deadline.ts';
import { createLogger } from '../logger.ts';
import { closeNats, connectNats } from '../nats-connection.ts';
import { answered, refused, type Answer } from './answer.ts';
import { RequestFailedError, RequestTimeoutError, ServiceUnavailableError } from './errors.ts';
import { request } from './request.ts';
import { serveRequests } from './serve-requests.ts';
import type { Call, RequestServer, ServeOptions } from './serve.ts';

const question = z.object({ n: z.number() });
type Handler = (payload: z.output<typeof question>, call: Call) => Promise<Answer<unknown>>;

let lines: string[] = [];
const log = createLogger({ app: 'spec', level: 'info', destination: { write: (line) => void lines.push(line) } });
let asker: NatsConnection;
let server: NatsConnection;
let subject: string;

beforeAll(async () => {
  const { signal } = new AbortController();
  const options = { url: inject('natsUrl'), log, signal };
  [asker, server] = await Promise.all([
    connectNats({ app: 'asker', ...options }),
    connectNats({ app: 'server', ...options }),
  ]);
});
afterAll(async () => {
  await Promise.all([closeNats(asker), closeNats(server)]);
});
beforeEach(() => {
  subject = `${freshPrefix()}.svc`;
  lines = [];
});

async function serving(
  handler: Handler,
  options: Partial<ServeOptions<typeof question, unknown>> = {},
): Promise<RequestServer> {
  const all = { queue: 'spec', schema: question, deadlineMs: 60_000, log, handler, ...options };
  const listening = serveRequests(server, subject, all);
  await server.flush();
  return listening;
}

async function ask(payload: unknown, timeoutMs = 10_000): Promise<Answer<{ readonly n: number }>> {
  return request(asker, subject, payload, { timeoutMs, schema: question });
}

const never: Handler = async () => new Promise<never>(() => undefined);

describe('answers', () => {
  it('carries a value there and back', async () => {
    await serving(async ({ n }) => Promise.resolve(answered({ n: n + 1 })));
    expect(await ask({ n: 1 })).toEqual(answered({ n: 2 }));
  });

  it('a refusal is a value with code and text', async () => {
    await serving(async () => Promise.resolve(refused('quota', 'Too many.\r\nDelete one “pod” first.', true)));
    expect(await ask({ n: 1 })).toEqual(refused('quota', 'Too many. Delete one “pod” first.', true));
  });

  it('a question of the wrong shape is refused without reaching the handler', async () => {
    let reached = false;
    await serving(async () => {
      reached = true;
      return Promise.resolve(answered(null));
    });
    expect(await ask({ n: 'secretvalue' })).toMatchObject({
      ok: false,
      refusal: { code: 'bad_request', retryable: false },
    });
    expect(JSON.stringify(await ask({ n: 'secretvalue' }))).not.toContain('secretvalue');
    expect(reached).toBe(false);
  });

  it('an answer of the wrong shape is an error of the asker', async () => {
    await serving(async () => Promise.resolve(answered({ n: 'one' })));
    await expect(ask({ n: 1 })).rejects.toThrow(RequestFailedError);
  });
});

describe('trouble in the handler', () => {
  it('a bug is logged, and its text stays inside', async () => {
    await serving(async () => Promise.reject(new Error('hunter2')));
    const answer = await ask({ n: 1 });
    expect(answer).toMatchObject({ ok: false, refusal: { code: 'internal', retryable: false } });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
    expect(lines.join('')).toContain('hunter2');
  });

  it('an error that may pass says so', async () => {
    await serving(async () => Promise.reject(new ServiceUnavailableError('postgres is away')));
    expect(await ask({ n: 1 })).toMatchObject({ ok: false, refusal: { code: 'unavailable', retryable: true } });
  });

  it('is cut at its deadline', async () => {
    const aborted = Promise.withResolvers<void>();
    await serving(
      async (_payload, { signal }) => {
        signal.addEventListener('abort', () => {
          aborted.resolve();
        });
        return new Promise<never>(() => undefined);
      },
      { deadlineMs: 20 },
    );
    expect(await ask({ n: 1 })).toMatchObject({ ok: false, refusal: { code: 'deadline', retryable: true } });
    await aborted.promise;
  });

  it('does not work on for an asker who has stopped waiting', async () => {
    const aborted = Promise.withResolvers<unknown>();
    await serving(async (_payload, { signal }) => {
      signal.addEventListener('abort', () => {
        aborted.resolve(signal.reason);
      });
      return new Promise<never>(() => undefined);
    });
    // Which of the two notices first does not matter.
    await ask({ n: 1 }, 20).catch(() => undefined);
    expect(await aborted.promise).toBeInstanceOf(DeadlineError);
  });

  it('an answer that does not fit into a message is refused, not lost', async () => {
    await serving(async () => Promise.resolve(answered('x'.repeat(2_000_000))));
    expect(await ask({ n: 1 })).toMatchObject({ ok: false, refusal: { code: 'internal' } });
  });
});

describe('trouble on the way', () => {
  it('nobody serving is told at once', async () => {
    await expect(ask({ n: 1 }, 60_000)).rejects.toThrow(ServiceUnavailableError);
  });

  it('silence ends in a timeout', async () => {
    server.subscribe(subject);
    await server.flush();
    await expect(ask({ n: 1 }, 20)).rejects.toThrow(RequestTimeoutError);
  });

  it('the asker can stop waiting', async () => {
    await serving(never);
    const stopping = new AbortController();
    const asking = request(asker, subject, { n: 1 }, { timeoutMs: 1000, schema: question, signal: stopping.signal });
    stopping.abort(new Error('stopping'));
    await expect(asking).rejects.toThrow('stopping');
  });

  it('a closed connection is told as unavailable', async () => {
    const closed = await connectNats({
      app: 'asker',
      url: inject('natsUrl'),
      log,
      signal: new AbortController().signal,
    });
    await closed.close();
    const asking = request(closed, subject, { n: 1 }, { timeoutMs: 1000, schema: question });
    await expect(asking).rejects.toThrow(ServiceUnavailableError);
  });
});

describe('many at once', () => {
  it('more than it can take are refused at once, and later ones are taken again', async () => {
    const held = Promise.withResolvers<Answer<unknown>>();
    const entered = Promise.withResolvers<void>();
    await serving(
      async () => {
        entered.resolve();
        return held.promise;
      },
      { concurrency: 1 },
    );
    const first = ask({ n: 1 });
    await entered.promise;
    expect(await ask({ n: 2 })).toMatchObject({ ok: false, refusal: { code: 'busy', retryable: true } });
    held.resolve(answered({ n: 0 }));
    expect(await first).toEqual(answered({ n: 0 }));
    expect(await ask({ n: 3 })).toEqual(answered({ n: 0 }));
  });

  it('each question goes to one member of the group', async () => {
    const seen: number[] = [];
    const handler: Handler = async ({ n }) => {
      seen.push(n);
      return Promise.resolve(answered({ n }));
    };
    await Promise.all([serving(handler), serving(handler)]);
    await Promise.all(Array.from({ length: 50 }, async (_, n) => ask({ n })));
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  it('closing answers what is in work and takes nothing new', async () => {
    const held = Promise.withResolvers<Answer<unknown>>();
    const entered = Promise.withResolvers<void>();
    const listening = await serving(async () => {
      entered.resolve();
      return held.promise;
    });
    const first = ask({ n: 1 });
    await entered.promise;
    const closed = listening.close();
    await server.flush();
    await expect(ask({ n: 2 })).rejects.toThrow(ServiceUnavailableError);
    held.resolve(answered({ n: 7 }));
    expect(await first).toEqual(answered({ n: 7 }));
    await closed;
  });
});
