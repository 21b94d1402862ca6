// The failures of a connection, made by a plain HTTP server; that a real kubelet is read right is shown on a real cluster.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@pods/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { connect } from './connection.ts';
import { KubeError } from './errors.ts';
import type { LogFollower, LogFollowerOptions, LogSource } from './logs.ts';
import { followLog, readLog } from './logs.ts';

type Answer = (response: ServerResponse, query: URLSearchParams, request: number) => void;

const cleanUps: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function serving(answer: Answer): Promise<LogSource> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.flushHeaders();
    answer(response, new URL(request.url ?? '', 'http://x').searchParams, requests);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return sourceAt(`http://127.0.0.1:${port}`);
}

function sourceAt(server: string): LogSource {
  const folder = mkdtempSync(join(tmpdir(), 'logs-spec-'));
  cleanUps.push(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'kubeconfig');
  const named = { name: 'x' };
  writeFileSync(
    file,
    JSON.stringify({
      clusters: [{ ...named, cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ ...named, user: {} }],
      contexts: [{ ...named, context: { cluster: 'x', user: 'x' } }],
      'current-context': 'x',
    }),
  );
  return { connection: connect(file), namespace: 'n', pod: 'p', container: 'main' };
}

function following(source: LogSource, options: LogFollowerOptions = {}) {
  const lines: string[] = [];
  const troubles: unknown[] = [];
  const follower: LogFollower = followLog(
    source,
    {
      onLine: (line) => lines.push(new TextDecoder().decode(line.text)),
      onTrouble: (error) => troubles.push(error),
    },
    { backoffMs: { first: 1, max: 20 }, ...options },
  );
  cleanUps.push(() => follower.stop());
  return { lines, troubles, follower };
}

const at = (second: number): string => `2026-11-25T02:16:${String(second).padStart(2, '0')}.000000001Z`;

describe('following a log', () => {
  test('goes on after a connection that was cut, without a gap or a repetition', async () => {
    const asked: (string | null)[] = [];
    const source = await serving((response, query, request) => {
      asked.push(query.get('sinceTime'));
      if (query.get('follow') === 'false') {
        response.end();
        return;
      }
      const begun = `${at(0)} zero\n${at(1)} one\n${at(1)} cut o`;
      if (request === 2) response.write(begun, () => response.destroy());
      else response.write(`${begun}ff\n${at(2)} two\n`);
    });
    const { lines } = following(source);
    await eventually(() => {
      expect(lines).toEqual(['zero', 'one', 'cut off', 'two']);
    });
    expect(asked).toEqual([null, null, '2026-11-25T02:16:00Z']);
  });

  test('connects anew when nothing was heard for the set time', async () => {
    const source = await serving((response, _query, request) => {
      if (request === 2) response.write(`${at(1)} heard\n`);
    });
    const { lines, troubles } = following(source, { silenceMsMax: 50 });
    await eventually(() => {
      expect(lines).toEqual(['heard']);
    });
    expect(troubles[0]).toMatchObject({ code: 'Unavailable', message: 'the log was silent for 50 ms' });
  });

  test('says when it has read all that there was', async () => {
    const source = await serving((response, query) => {
      response.write(`${at(1)} one\n${at(2)} two\n`);
      if (query.get('follow') === 'false') response.end();
    });
    const { lines, follower } = following(source);
    await follower.caughtUp;
    expect(lines).toEqual(['one', 'two']);
  });

  test('stopping in the middle of a stream ends it and disturbs nothing else', async () => {
    const source = await serving((response) => {
      response.write(`${at(1)} first\n`);
    });
    const { lines, troubles, follower } = following(source);
    await eventually(() => {
      expect(lines).toEqual(['first']);
    });
    await follower.stop();
    expect(troubles).toEqual([]);
  });

  test('finishing reads to the present end, also what came after the followed stream was ended', async () => {
    let written = `${at(1)} early\n`;
    const source = await serving((response, query) => {
      response.write(written);
      if (query.get('follow') === 'false') response.end();
    });
    const { lines, follower } = following(source);
    await follower.caughtUp;
    expect(lines).toEqual(['early']);
    written += `${at(2)} late\n`;
    expect(await follower.finish(AbortSignal.timeout(5000))).toBe('complete');
    expect(lines).toEqual(['early', 'late']);
  });

  test('finishing tries again until its signal aborts, then says what went wrong', async () => {
    const { follower } = following(sourceAt('http://127.0.0.1:9'));
    const finished = follower.finish(AbortSignal.timeout(100));
    await expect(finished).rejects.toMatchObject({ code: 'Unavailable', retryable: true });
  });
});

describe('reading a log', () => {
  test('refusals of the server are typed', async () => {
    const folder = sourceAt('http://127.0.0.1:9');
    const refusing: LogSource = {
      ...folder,
      connection: { server: 'x', send: () => Promise.reject(new KubeError('NotFound', 'pods "p" not found')) },
    };
    const { follower } = following(refusing);
    expect(await follower.finish(AbortSignal.timeout(1000))).toBe('gone');
    const reading = readLog(refusing, { follow: false, silenceMsMax: 100, signal: AbortSignal.timeout(1000) });
    await expect(reading.next()).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('an abort gives its own reason', async () => {
    const source = await serving(() => undefined);
    const ending = new AbortController();
    const reading = readLog(source, { follow: true, silenceMsMax: 5000, signal: ending.signal });
    const next = reading.next();
    ending.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
  });
});
