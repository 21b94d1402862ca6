// Runs benches one after the other, each with a guard whose processes end with it. It decides nothing about what is measured.
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Guard, PlatformInfo } from '@pods/testing/servers';
import { logTails, parsePlatformInfo, platformLogs, startGuard, startPlatform } from '@pods/testing/servers';
import type { Bench, BenchContext, Measure, PlatformBench, ServersBench } from './bench.ts';
import type { BenchResult } from './report.ts';

/** Tells people what is going on now. */
export type Progress = (text: string) => void;

/**
 * Runs these benches: first those that start their own servers, then those that share one platform.
 * @param stateFolder of a platform that runs already; undefined: one is started and removed.
 * @throws Error when the platform cannot be started.
 */
export async function runBenches(
  benches: readonly Bench[],
  stateFolder: string | undefined,
  progress: Progress,
): Promise<readonly BenchResult[]> {
  const servers = benches.filter((bench) => bench.needs === 'servers');
  const platform = benches.filter((bench) => bench.needs === 'platform');
  const results: BenchResult[] = [];
  for (const bench of servers) results.push(await runAlone(bench, progress));
  if (platform.length > 0) results.push(...(await runOnPlatform(platform, stateFolder, progress)));
  const order = benches.map(({ letter }) => letter);
  return results.toSorted((a, b) => order.indexOf(a.letter) - order.indexOf(b.letter));
}

function runAlone(bench: ServersBench, progress: Progress): Promise<BenchResult> {
  return withGuard((guard) => {
    const context = contextFor(bench, guard, progress);
    return resultOf(bench, () => bench.run(context));
  });
}

function runOnPlatform(
  benches: readonly PlatformBench[],
  stateFolder: string | undefined,
  progress: Progress,
): Promise<readonly BenchResult[]> {
  return withGuard(async (guard) => {
    const info = await openPlatform(guard, stateFolder);
    const results: BenchResult[] = [];
    for (const bench of benches) {
      const context = contextFor(bench, guard, progress);
      results.push(await resultOf(bench, () => bench.run(context, info)));
    }
    return results;
  });
}

async function openPlatform(guard: Guard, stateFolder: string | undefined): Promise<PlatformInfo> {
  if (stateFolder !== undefined) {
    const file = join(stateFolder, 'platform.json');
    const text = await readFile(file, 'utf8').catch((cause: unknown) => {
      throw new Error(`no platform runs there: ${file} cannot be read. Start it, or leave out --state.`, { cause });
    });
    return parsePlatformInfo(text);
  }
  try {
    return await startPlatform(guard);
  } catch (error) {
    console.error(await logTails(platformLogs(guard)));
    throw error;
  }
}

async function resultOf({ letter, title }: Bench, run: () => Promise<readonly Measure[]>): Promise<BenchResult> {
  const start = performance.now();
  const seconds = (): number => Math.round((performance.now() - start) / 100) / 10;
  try {
    return { letter, title, measures: await run(), seconds: seconds() };
  } catch (error) {
    console.error(error);
    return { letter, title, measures: [], seconds: seconds(), failure: String(error) };
  }
}

function contextFor({ letter, title }: Bench, guard: Guard, progress: Progress): BenchContext {
  progress(`(${letter}) ${title}`);
  return { guard, progress: (text) => progress(`(${letter}) ${text}`) };
}

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Whatever happens, also a signal: this ends only after all that the guard watches has ended. */
async function withGuard<Result>(work: (guard: Guard) => Promise<Result>): Promise<Result> {
  const guard = await startGuard('bench');
  const onSignal = (signal: (typeof endings)[number]): void => {
    console.error(`${signal}: ending what was started`);
    void guard.stop().then(() => process.exit(128 + constants.signals[signal]));
  };
  for (const signal of endings) process.on(signal, onSignal);
  try {
    return await work(guard);
  } finally {
    for (const signal of endings) process.off(signal, onSignal);
    await guard.stop();
  }
}
