// (d) What GET /pods/{pod_id} costs beside the same answer from Hono alone, with and without the API's token check.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Guard } from '@pods/testing/servers';
import { eventually, freePort } from '@pods/testing/servers';
import type { BenchContext, Measure, ServersBench } from '../../bench.ts';
import { atLeast, comparedWith, measureOf } from '../../samples.ts';
import { startApiServers, tenant } from '../../servers/api-servers.ts';
import { runChildProgram } from '../../servers/child-program.ts';
import { loadAnswer } from './load.ts';

const rounds = 5;
const seconds = 2.5;
const connections = 32;
const ratioMin = 0.5;
const podId = 'docpod';
/** Busier than this, the generator may have been what was measured. */
const generatorBusyMax = 0.97;

const bareServer = fileURLToPath(new URL('bare-server.program.ts', import.meta.url));
const generator = new URL('load.program.ts', import.meta.url);

export const getPodBench: ServersBench = {
  letter: 'd',
  title: 'GET /pods/{pod_id} beside bare Hono, with and without the token check',
  needs: 'servers',
  run: async (context) => {
    const servers = await startApiServers(context.guard, { served: 1 });
    try {
      return await measureLoads(context, servers);
    } finally {
      await servers.close();
    }
  },
};

type Servers = Awaited<ReturnType<typeof startApiServers<'served'>>>;

async function measureLoads({ guard, progress }: BenchContext, servers: Servers): Promise<readonly Measure[]> {
  const { served } = servers.installations;
  const [apiUrl = ''] = served.apiUrls;
  const headers = { 'x-tapis-token': await servers.identity.signToken({ tenant, user: 'ada' }) };
  const bareUrl = await startBareServer(guard, await createPod(apiUrl, headers), servers.identity.url);
  await served.whenIdle();
  const kinds = {
    open: { url: bareUrl, path: `/open/${podId}` },
    checked: { url: bareUrl, path: `/v3/pods/${podId}` },
    api: { url: apiUrl, path: `/v3/pods/${podId}` },
  };
  const samples: Record<keyof typeof kinds, number[]> = { open: [], checked: [], api: [] };
  for (let round = 0; round <= rounds; round += 1) {
    progress(`round ${round} of ${rounds}`);
    for (const kind of ['open', 'checked', 'api'] as const) {
      const input = { ...kinds[kind], headers, connections, seconds };
      const { perSecond, generatorBusy } = await runChildProgram(generator, input, loadAnswer);
      if (generatorBusy > generatorBusyMax) progress(`${kind}: the generator was busy ${generatorBusy.toFixed(2)}`);
      // The first round is for warming up.
      if (round > 0) samples[kind].push(perSecond);
    }
  }
  const checked = measureOf('bare Hono with the token check', '/s', samples.checked);
  const api = comparedWith(measureOf('GET /pods/{pod_id}', '/s', samples.api), checked);
  return [
    measureOf('bare Hono', '/s', samples.open),
    checked,
    { ...api, aim: atLeast(api.ratio.value, ratioMin, `at least ${ratioMin} × bare Hono with the token check`) },
  ];
}

/** @returns the API's own answer about the pod, which the bare server then gives too. */
async function createPod(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const body = JSON.stringify({ pod_id: podId, image: 'pods.local/webpage:1' });
  const asked = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body };
  const created = await fetch(`${url}/v3/pods`, asked);
  if (!created.ok) throw new Error(`POST /pods answers ${created.status}: ${await created.text()}`);
  return (await fetch(`${url}/v3/pods/${podId}`, { headers })).text();
}

async function startBareServer(guard: Guard, document: string, identityUrl: string): Promise<string> {
  const file = join(guard.folder, 'document.json');
  await writeFile(file, document);
  const port = await freePort();
  const running = await guard.start({
    name: 'bare-hono',
    command: process.execPath,
    args: [bareServer],
    env: { PORT: String(port), DOCUMENT_FILE: file, TENANTS_URL: identityUrl },
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(
    async () => {
      await running.assertRunning();
      return (await fetch(`${url}/open/${podId}`)).ok;
    },
    { timeoutMs: 30_000 },
  );
  return url;
}
