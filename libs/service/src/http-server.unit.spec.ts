import { Agent, request } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { serveHttp, type HttpListener } from './http-server.ts';

let http: HttpListener;
/** The next request's handler is waiting. */
let entered: PromiseWithResolvers<void>;
let answer: PromiseWithResolvers<Response>;

beforeEach(async () => {
  entered = Promise.withResolvers();
  answer = Promise.withResolvers();
  http = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    fetch: async (incoming) => {
      if (new URL(incoming.url).pathname === '/now') return new Response('now');
      entered.resolve();
      return answer.promise;
    },
  });
});
afterEach(async () => {
  await http.close(0);
});

const url = (path: string): string => `http://127.0.0.1:${http.port}${path}`;

it('refuses a port that is taken', async () => {
  await expect(serveHttp({ host: '127.0.0.1', port: http.port, fetch: () => new Response() })).rejects.toThrow(
    'EADDRINUSE',
  );
});

it('lets a request in flight finish before it is closed, and takes no new ones meanwhile', async () => {
  const inFlight = fetch(url('/slow'));
  await entered.promise;
  const closed = http.close();
  await expect(fetch(url('/now'))).rejects.toThrow('fetch failed');
  answer.resolve(new Response('finished'));
  expect(await (await inFlight).text()).toBe('finished');
  await closed;
});

it('does not wait for connections that are kept alive, idle before or idle after their last answer', async () => {
  const agent = new Agent({ keepAlive: true });
  const get = async (path: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request(url(path), { agent }, (response) => {
        response.resume().once('end', () => {
          resolve(response.statusCode);
        });
      })
        .once('error', reject)
        .end();
    });
  await get('/now');
  const busy = get('/slow');
  await entered.promise;
  const closed = http.close(60_000);
  answer.resolve(new Response('finished'));
  expect(await busy).toBe(200);
  await closed;
  agent.destroy();
});

it('cuts what is still in flight at the deadline', async () => {
  const inFlight = fetch(url('/endless'));
  const failure = inFlight.catch((error: unknown) => error);
  await entered.promise;
  await http.close(10);
  expect(await failure).toMatchObject({ message: 'fetch failed' });
});

it('may be closed twice', async () => {
  await http.close();
  await expect(http.close()).resolves.toBeUndefined();
});
