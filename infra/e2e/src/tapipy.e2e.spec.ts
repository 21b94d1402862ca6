// The Python SDK, unpatched, through the edge.
import { join } from 'node:path';
import { pythonSetupMs, pythonWithTapipy } from '@pods/testing';
import { execa } from 'execa';
import { beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';

const seenSchema = z.looseObject({ logs: z.string(), action_logs: z.array(z.string()) });

let python = '';
beforeAll(async () => {
  python = await pythonWithTapipy();
}, pythonSetupMs);

test('tapipy creates, lists, reads, updates, restarts, stops, starts and deletes a pod, and reads its logs', async () => {
  const platform = inject('platform');
  const baseUrl = platform.tenants.find((tenant) => tenant.tenantId === 'dev')?.baseUrl ?? '';
  const script = join(import.meta.dirname, 'python', 'pods-session.py');
  const { stdout } = await execa(python, [script, baseUrl, platform.caFile, 'pypod', 'pods.local/webpage:1'], {
    timeout: 170_000,
  });
  const seen = seenSchema.parse(JSON.parse(stdout));
  expect(seen).toMatchObject({
    tenant_id: 'dev',
    created: { status: 'REQUESTED', url: `pypod.pods.${new URL(baseUrl).hostname}`, port: 5000 },
    read: { pod_id: 'pypod', image: 'pods.local/webpage:1', description: 'From Python' },
    listed: ['pypod'],
    updated: 'Renamed',
    restarted: 'RESTART',
    stopped: 'OFF',
    started: 'REQUESTED',
    deleted: 'success',
    missing: { class: 'NotFoundError' },
    bad_id: { class: 'BadRequestError' },
    no_image: { class: 'BadRequestError' },
  });
  expect(seen.logs).toContain('webpage listening on :5000');
  expect(seen.action_logs.join('\n')).toContain("Pod object created by 'ada'");
});
