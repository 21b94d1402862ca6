// The last word of a start: each tenant's API and identity service answer at the address that people use.
import { readFile } from 'node:fs/promises';
import { readIdentity } from '../identity/identity-file.ts';
import { edgeAuthorityFile } from '../parts/edge.ts';
import type { Platform } from '../platform.ts';
import { probe } from '../process/probe.ts';
import { until } from '../process/until.ts';

/**
 * Traefik may have looked for routes before there were any, and then waits a little longer each time before it looks
 * again: some seconds after a start.
 */
const DEADLINE_MS = 60_000;

/** Waits until Traefik has the tenants' routes. @throws DeadlineError with the last answer */
export const waitForAddresses = async (platform: Platform, signal: AbortSignal): Promise<string> => {
  const { tenants } = await readIdentity(platform.settings);
  const ca = await readFile(edgeAuthorityFile(platform), 'utf8');
  const { edge } = platform.settings.ports;
  await Promise.all(
    tenants.flatMap(({ host }) =>
      ['/v3/healthcheck', '/v3/tenants'].map(async (path) => {
        const check = async (): Promise<string> =>
          await probe(`https://127.0.0.1:${edge}${path}`, { ca, servername: `${host}:${edge}`, signal });
        await until(check, { what: `an answer at ${host}`, deadlineMs: DEADLINE_MS, intervalMs: 50, signal });
      }),
    ),
  );
  return tenants.map(({ host }) => `https://${host}:${edge}`).join(' ');
};
