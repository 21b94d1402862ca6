// The real Python client, unpatched, with the interface file that it brings along and with the one that we publish.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serveHttp } from '@pods/service';
import type { HttpListener } from '@pods/service';
import { pythonSetupMs, pythonWithTapipy } from '@pods/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiFixture } from './testing/api-fixture.ts';
import { apiFixture } from './testing/api-fixture.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'testing', 'tapipy-pods.py');

let python: string;
let folder: string;
let fixture: ApiFixture;
let listener: HttpListener;

beforeAll(async () => {
  python = await pythonWithTapipy();
  folder = await mkdtemp(join(tmpdir(), 'api-tapipy-'));
  fixture = await apiFixture();
  // One address for tenants, sites and pods, as the edge has it.
  listener = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    fetch: (request, bindings) => {
      const { pathname } = new URL(request.url);
      if (/^\/v3\/(?:tenants|sites)$/.test(pathname)) return fetch(`${fixture.identity.url}${pathname}`);
      return fixture.api.fetch(request, 'incoming' in bindings ? bindings : {});
    },
  });
  fixture.identity.setTenants([{ tenantId: 'dev', baseUrl: `http://127.0.0.1:${listener.port}` }]);
}, pythonSetupMs);
afterAll(async () => {
  await listener.close();
  await fixture.stop();
  await rm(folder, { recursive: true });
});

async function inPython(spec: 'bundled' | 'published'): Promise<unknown> {
  const token = await fixture.identity.signToken({ tenant: 'dev', user: 'ada' });
  const url = `http://127.0.0.1:${listener.port}`;
  const { stdout } = await run(python, [script, spec, url, token, join(folder, spec)], { timeout: 60_000 });
  const seen: unknown = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  return seen;
}

describe('tapipy', () => {
  it.each(['bundled', 'published'] as const)(
    'with the %s interface file does everything that there is',
    async (spec) => {
      const seen = await inPython(spec);
      expect(seen).toMatchObject({
        tenant: 'dev',
        health: "I promise I'm healthy.",
        created: { pod_id: `pypod${spec}`, status: 'REQUESTED', port: 5000, command: null },
        listed: [`pypod${spec}`],
        got: 'from Python',
        updated: 'changed',
        stopped: 'STOPPED',
        started: 'REQUESTED',
        logs: { logs: '', action_logs: 5 },
        deleted: 'Pod successfully deleted.',
        left: [],
        not_found: { kind: 'NotFoundError', message: "Pod with identifier pod_id: 'nopod' not found" },
        bad: {
          kind: 'BadRequestError',
          message: ['body, networking, default, port: Value error, must be from 10 to 65535 (got 1)'],
        },
        no_token: { kind: 'UnauthorizedError' },
        jupyter: { kind: 'InternalServerError' },
      });
      if (spec === 'published') expect(seen).toMatchObject({ new_image: 'pods.local/web:2' });
    },
    90_000,
  );
});
