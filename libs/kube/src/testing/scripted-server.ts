// An HTTP server that answers as a spec says, with a kubeconfig that leads to it: for what a healthy API server
// cannot be made to do.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ScriptedServer {
  readonly kubeconfigFile: string;
  readonly stop: () => Promise<void>;
}

/** Starts it on a free port. */
export async function startScriptedServer(answer: RequestListener): Promise<ScriptedServer> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const folder = await mkdtemp(join(tmpdir(), 'kube-scripted-'));
  const kubeconfigFile = join(folder, 'kubeconfig');
  const cluster = { server: `http://127.0.0.1:${address.port}`, 'insecure-skip-tls-verify': true };
  const config = {
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  await writeFile(kubeconfigFile, JSON.stringify(config));
  return {
    kubeconfigFile,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}
