// Single requests to the specs' own API server, for fixtures that must not depend on the code under test.
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { z } from 'zod';

const kubeconfigSchema = z.object({
  clusters: z.tuple([z.object({ cluster: z.object({ server: z.url(), 'certificate-authority-data': z.base64() }) })]),
  users: z.tuple([z.object({ user: z.object({ token: z.string() }) })]),
});

/** Sends one request with the kubeconfig's token. @throws Error for any answer but a 2xx. */
export async function callKube(
  kubeconfigFile: string,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<void> {
  const { clusters, users } = kubeconfigSchema.parse(JSON.parse(await readFile(kubeconfigFile, 'utf8')));
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
  const headers = { authorization: `Bearer ${users[0].user.token}`, 'content-type': 'application/json' };
  const options = { method, headers, ca: Buffer.from(ca, 'base64'), signal: AbortSignal.timeout(5_000) };
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, server), options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const status = answer.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve();
        else reject(new Error(`${method} ${path} answers ${status}: ${Buffer.concat(chunks).toString()}`));
      });
    });
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
