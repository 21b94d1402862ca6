// The few requests that bringing a cluster up makes to its API server, as its administrator.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Platform } from '../platform.ts';
import { probe, type ProbeOptions } from '../process/probe.ts';
import { apiServerUrl } from './certificates.ts';

const credentials = async ({ folders }: Platform): Promise<ProbeOptions> => {
  const [ca, cert, key] = await Promise.all(
    ['ca.crt', 'admin.crt', 'admin.key'].map(async (file) => await readFile(join(folders.pki, file), 'utf8')),
  );
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
};

/** Body of a GET. @throws ProbeError, or Node's error when the API server is not there. */
export const apiGet = async (platform: Platform, path: string, signal?: AbortSignal): Promise<string> =>
  await probe(`${apiServerUrl(platform.settings)}${path}`, {
    ...(await credentials(platform)),
    ...(signal === undefined ? {} : { signal }),
  });

/** Makes an object be as given, by server-side apply. `path` is that of the object. */
export const apiApply = async (
  platform: Platform,
  path: string,
  object: object,
  signal?: AbortSignal,
): Promise<void> => {
  await probe(`${apiServerUrl(platform.settings)}${path}?fieldManager=pods-local&force=true`, {
    ...(await credentials(platform)),
    method: 'PATCH',
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body: JSON.stringify(object),
    ...(signal === undefined ? {} : { signal }),
  });
};
