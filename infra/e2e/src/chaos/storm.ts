// The storm itself: kills by plan, users beside them, and then quiet until everything has settled.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RecordedEvent } from '@pods/event-store';
import type { PlatformInfo } from '@pods/testing';
import { eventually } from '@pods/testing';
import type { Platform } from '../client/platform.ts';
import type { AppCopies } from './app-copies.ts';
import { openAppCopies } from './app-copies.ts';
import { openAppLogs } from './app-logs.ts';
import type { Outcome } from './commands.ts';
import { openDirectClient } from './commands.ts';
import { askedFor } from './history-laws.ts';
import { planKills } from './kill-plan.ts';
import { watchPodObjects } from './pods-seen.ts';
import { randomOf } from './random.ts';
import { runUser } from './user.ts';

/** How long the storm lasts, and at most until everything has settled after it, milliseconds. */
const stormMs = 100_000;
const settledWithinMs = 60_000;

/** Processes that each app loses at least. */
export const killsEach = 10;

const podIds = ['calm', 'gale', 'squall', 'breeze', 'gust', 'tempest', 'zephyr'].map((name) => `chaos${name}`);

export interface Storm {
  readonly outcomes: readonly Outcome[];
  /** Reads that showed less than an answer before had promised. */
  readonly stale: readonly string[];
  readonly histories: ReadonlyMap<string, readonly RecordedEvent[]>;
  readonly podObjects: ReadonlyMap<string, ReadonlySet<string>>;
  readonly killed: Readonly<Record<string, number>>;
  readonly unasked: readonly string[];
  /** Messages that the apps gave up. */
  readonly poisoned: number;
  readonly unexpectedLines: readonly string[];
  /** What had not come to rest when the time was over; empty when all did. */
  readonly unsettled: readonly string[];
}

/** Runs one storm. @throws when a command gets no definite answer. */
export async function runStorm(platform: Platform, info: PlatformInfo, seed: string): Promise<Storm> {
  const folder = await mkdtemp(join(tmpdir(), 'chaos-'));
  const seen = watchPodObjects(info);
  const logs = await openAppLogs(info.logDir);
  const poisonedBefore = await platform.history.poisoned();
  const copies = await openAppCopies(info, folder);
  try {
    await copies.allReady();
    const outcomes: Outcome[] = [];
    const stale: string[] = [];
    const host = new URL(platform.baseUrl).host;
    const client = openDirectClient({
      urls: copies.apiUrls,
      host,
      token: platform.api.token,
      image: 'pods.local/webpage:1',
    });
    const over = AbortSignal.timeout(stormMs);
    await Promise.all([
      killByPlan(copies, seed),
      ...podIds.map((podId) =>
        runUser(
          {
            podId,
            client,
            random: randomOf(seed, podId),
            onOutcome: (outcome) => outcomes.push(outcome),
            onStale: (what) => stale.push(what),
          },
          over,
        ),
      ),
    ]);
    await copies.allReady();
    const unsettled = await untilSettled(platform);
    return {
      outcomes,
      stale,
      histories: await readHistories(platform),
      podObjects: seen.byRun(),
      killed: copies.killed(),
      unasked: copies.unasked(),
      poisoned: (await platform.history.poisoned()) - poisonedBefore,
      unexpectedLines: await logs.unexpected(),
      unsettled,
    };
  } finally {
    await Promise.all([copies.stop(), seen.stop()]);
    await rm(folder, { recursive: true });
  }
}

async function killByPlan(copies: AppCopies, seed: string): Promise<void> {
  const began = performance.now();
  const plan = planKills(randomOf(seed, 'kills'), { each: killsEach, overMs: stormMs });
  await Promise.all(
    plan.map(async ({ atMs, app, copies: whom }) => {
      await delay(Math.max(0, began + atMs - performance.now()));
      await Promise.all(whom.map((copy) => copies.kill(app, copy)));
    }),
  );
}

async function readHistories({ history, tenant }: Platform): Promise<ReadonlyMap<string, readonly RecordedEvent[]>> {
  return new Map(
    await Promise.all(
      podIds.map(async (podId): Promise<[string, readonly RecordedEvent[]]> => [
        podId,
        await history.of(tenant, podId),
      ]),
    ),
  );
}

/** Waits until each pod is what its history asks for last, and shows it. @returns who is not, when time is over. */
async function untilSettled(platform: Platform): Promise<readonly string[]> {
  let unsettled: readonly string[] = podIds;
  const settled = async (): Promise<boolean> => {
    const found = await Promise.all(podIds.map((podId) => unrestOf(platform, podId)));
    unsettled = found.filter((what) => what !== undefined);
    return unsettled.length === 0;
  };
  await eventually(settled, { timeoutMs: settledWithinMs, intervalMs: 250 }).catch(() => undefined);
  return unsettled;
}

const restingStatus = { ON: 'AVAILABLE', OFF: 'STOPPED', none: undefined } as const;
const objectsAtRest = { ON: 5, OFF: 0, none: 0 } as const;

async function unrestOf({ history, tenant, api, cluster }: Platform, podId: string): Promise<string | undefined> {
  const asked = askedFor(await history.of(tenant, podId));
  const reply = await api.call('GET', `/pods/${podId}`);
  const status = reply.status === 404 ? undefined : (await api.get(podId)).status;
  const objects = await cluster.objectsOf(tenant, podId);
  if (status === restingStatus[asked] && objects.length === objectsAtRest[asked]) return undefined;
  const names = objects.map((object) => `${object.kind}/${object.metadata.name}`).join(' ');
  return `${podId}: ${asked} was asked for, shown is ${status ?? 'none'}, in the cluster: ${names}`;
}
