// Ends a platform: whoever is starting it, then every part, in the reverse of the order in which they need each other.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { apps, identity } from '../apps/apps.ts';
import { hasOwnCluster } from '../cluster/certificates.ts';
import { bringClusterDown } from '../cluster/down.ts';
import { KEEPER } from '../keeper/round.ts';
import { edge } from '../parts/edge.ts';
import { nats } from '../parts/nats.ts';
import type { Part } from '../parts/part.ts';
import { postgres } from '../parts/postgres.ts';
import { registry } from '../parts/registry.ts';
import type { Platform } from '../platform.ts';
import { haltDaemon, haltRest } from '../process/daemon.ts';
import { endStarter } from '../process/starter.ts';

/** What is being ended, in a few words. */
export type ReportEnd = (text: string) => void;

const halt = async (platform: Platform, parts: readonly Pick<Part, 'name'>[]): Promise<void> => {
  await Promise.all(
    parts.map(async ({ name }) => {
      await haltDaemon(platform.home, name);
    }),
  );
};

/** Ends every process of the platform and takes back what it changed on the machine. Its state stays. Safe to repeat. */
export const endParts = async (platform: Platform, report: ReportEnd): Promise<void> => {
  // First, or it would start again what is ended here.
  await haltDaemon(platform.home, KEEPER);
  report('apps, identity stand-in, Traefik');
  // All at once: an app that loses another while it ends has nothing left to lose.
  await halt(platform, [...apps, identity, edge]);
  const isOwn = await hasOwnCluster(platform);
  if (isOwn) {
    report('pods and Kubernetes');
    await bringClusterDown(platform);
  }
  report(isOwn ? 'image registry, Postgres, nats-server' : 'Postgres, nats-server');
  await halt(platform, [registry, postgres, nats]);
  await haltRest(platform.home);
  await rm(join(platform.folders.state, 'platform.json'), { force: true });
};

/** Asks a running `npm start` to end its platform, waits for it, and ends what is left in any case. */
export const stopPlatform = async (platform: Platform, report: ReportEnd): Promise<void> => {
  if (await endStarter(platform.folders)) report('npm start has ended');
  await endParts(platform, report);
};
