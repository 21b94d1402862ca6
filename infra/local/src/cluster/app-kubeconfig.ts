// Tells whether the kubeconfig that an app was given can still be used.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { parse } from 'yaml';
import { z } from 'zod';
import { readIfThere } from '../files/put-file.ts';
import type { Platform } from '../platform.ts';
import { ask } from '../process/probe.ts';
import { apiServerUrl } from './certificates.ts';

const schema = z.object({
  clusters: z.tuple([
    z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.string() }) }),
  ]),
  users: z.tuple([z.object({ user: z.object({ token: z.string() }) })]),
});

const MONTH_MS = 30 * 86_400_000;

const lasts = (token: string, now: Date): boolean => {
  const { exp = 0 } = decodeJwt(token);
  return exp * 1000 - now.getTime() > MONTH_MS;
};

/** Whether a kubeconfig leads to this cluster with a token that it takes, for another month at least. */
export const isCurrentKubeconfig = async (platform: Platform, file: string, now: Date): Promise<boolean> => {
  const parsed = schema.safeParse(parse((await readIfThere(file)) ?? ''));
  if (!parsed.success) return false;
  const [{ cluster }] = parsed.data.clusters;
  const [{ user }] = parsed.data.users;
  const ca = await readFile(join(platform.folders.pki, 'ca.crt'), 'utf8');
  const server = apiServerUrl(platform.settings);
  if (cluster.server !== server || cluster['certificate-authority-data'] !== Buffer.from(ca).toString('base64'))
    return false;
  if (!lasts(user.token, now)) return false;
  // Anybody may ask for the version, but a token that is not valid is refused even there.
  const { status } = await ask(`${server}/version`, { ca, headers: { authorization: `Bearer ${user.token}` } });
  return status === 200;
};
