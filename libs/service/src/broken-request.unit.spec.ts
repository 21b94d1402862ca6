// What is no HTTP request is answered in JSON, over real sockets.
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveHttp, type HttpListener } from './http-server.ts';

let http: HttpListener;
/** The streaming answer has begun. */
const begun = Promise.withResolvers<void>();

beforeAll(async () => {
  http = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    fetch: (incoming) => {
      if (new URL(incoming.url).pathname !== '/stream') return new Response('fine');
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          controller.enqueue(Buffer.from('begun'));
          begun.resolve();
        },
      });
      return new Response(body);
    },
    describeBrokenRequest: ({ status, message }) => ({ message, status: 'error', code: status }),
  });
});
afterAll(() => http.close(0));

/** All that comes back for some bytes; `then` is sent when the first bytes have come. */
async function exchange(text: string, then?: string): Promise<string> {
  const answer = Promise.withResolvers<string>();
  let received = '';
  const socket = connect(http.port, '127.0.0.1', () => socket.write(text));
  socket.setEncoding('utf8');
  socket.on('data', (part: string) => {
    if (received === '' && then !== undefined) socket.write(then);
    received += part;
  });
  socket.on('error', () => undefined);
  socket.on('close', () => answer.resolve(received));
  return answer.promise;
}

it.each([
  ['an unknown method', 'FOO / HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['no request line', 'hello\r\n\r\n', 400],
  ['NUL in a header', 'GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n', 400],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
  ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ['an endless path', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
])('%s is answered with the status and a JSON document', async (_what, text, status) => {
  const [head = '', body = ''] = (await exchange(text)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head.split('\r\n')).toEqual(expect.arrayContaining(['Content-Type: application/json', 'Connection: close']));
  expect(head).toContain(`Content-Length: ${body.length}`);
  expect(JSON.parse(body)).toMatchObject({ status: 'error', code: status });
});

it.each([
  ['a backslash in the path', 'GET /a\\b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
  ['a host that is none', 'GET / HTTP/1.1\r\nHost: a b@c\r\nConnection: close\r\n\r\n'],
])('%s is answered in JSON as well', async (_what, text) => {
  const [head = '', body = ''] = (await exchange(text)).split('\r\n\r\n');
  expect(head).toMatch(/^HTTP\/1\.1 400 [^]*content-type: application\/json/i);
  expect(body).toContain('"status":"error"');
});

it('after a request that was fine is answered too, behind the answer to that one', async () => {
  const received = await exchange('GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'FOO / HTTP/1.1\r\n\r\n');
  expect(received).toMatch(/^HTTP\/1\.1 200 [^]*fine[^]*HTTP\/1\.1 400 [^]*\r\n\r\n\{.*\}$/);
});

it('is not written into an answer that has begun', async () => {
  const received = exchange('GET /stream HTTP/1.1\r\nHost: x\r\n\r\n', 'FOO / HTTP/1.1\r\n\r\n');
  await begun.promise;
  expect(await received).toContain('begun');
  expect(await received).not.toContain('error');
});
