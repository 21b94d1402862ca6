// Two processes of every app: the platform's own, and beside it a second one with the same settings on ports of its own.
// Ends them as a crash would. The platform restarts its own; the second ones are restarted here.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlatformInfo } from '@pods/testing';
import { eventually, freePort } from '@pods/testing';
import { z } from 'zod';
import type { App, Copy } from './kill-plan.ts';
import { apps } from './kill-plan.ts';

/** All that is needed to start a process once more. */
interface Recipe {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** One process, and what comes in its place after it was killed. */
interface Killable {
  /** Waits until there is a process, and ends it. Returns at once; its successor comes by itself. */
  readonly kill: () => Promise<void>;
}

export interface AppCopies {
  readonly kill: (app: App, copy: Copy) => Promise<void>;
  /** How often each app was killed. */
  readonly killed: () => Readonly<Record<App, number>>;
  /** Base URLs of the two api processes, first and second. */
  readonly apiUrls: readonly [string, string];
  /** Ends of second processes that nobody asked for. */
  readonly unasked: () => readonly string[];
  /** Waits until every process says that it is ready. */
  readonly allReady: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const recordSchema = z.looseObject({ pid: z.int() });

/** Starts the second processes. */
export async function openAppCopies(info: PlatformInfo, folder: string): Promise<AppCopies> {
  const killed: Record<App, number> = { api: 0, spawner: 0, health: 0, 'auth-forward': 0 };
  const unasked: string[] = [];
  const opened = await Promise.all(apps.map((app) => openPair(app, info, { folder, unasked })));
  const pairOf = (app: App): Pair => opened[apps.indexOf(app)] ?? raise(`no processes of ${app}`);
  return {
    kill: async (app, copy) => {
      await pairOf(app)[copy].kill();
      killed[app] += 1;
    },
    killed: () => killed,
    apiUrls: [info.apiUrl, `http://127.0.0.1:${pairOf('api').second.env['HTTP_PORT'] ?? ''}`],
    unasked: () => unasked,
    allReady: async () => {
      await Promise.all(opened.flatMap((pair) => pair.opsUrls).map(untilReady));
    },
    stop: async () => {
      await Promise.all(opened.map((pair) => pair.second.stop()));
    },
  };
}

interface Pair {
  readonly first: Killable;
  readonly second: Kept;
  readonly opsUrls: readonly string[];
}

interface Surroundings {
  readonly folder: string;
  readonly unasked: string[];
}

async function openPair(app: App, info: PlatformInfo, { folder, unasked }: Surroundings): Promise<Pair> {
  const firstOps = info.processes.find((process) => process.name === app)?.opsUrl ?? raise(`no process ${app}`);
  const recipe = await readRecipe(app, info);
  const stateDir = join(folder, app);
  await mkdir(stateDir, { recursive: true });
  const { PODS_DAEMON: _, ...env } = recipe.env;
  const opsPort = String(await freePort());
  const ports = { OPS_PORT: opsPort, ...('HTTP_PORT' in env && { HTTP_PORT: String(await freePort()) }) };
  const ownState = 'EDGE_STATE_DIR' in env ? { EDGE_STATE_DIR: stateDir } : {};
  const second = keepRunning(
    { ...recipe, name: `${app}-second`, env: { ...env, ...ports, ...ownState } },
    { logFile: join(info.logDir, `${app}-second.log`), unasked },
  );
  return { first: recorded(app, info), second, opsUrls: [firstOps, `http://127.0.0.1:${opsPort}`] };
}

/** The process that the platform started and restarts. */
function recorded(app: App, info: PlatformInfo): Killable {
  const killOnce = async (): Promise<void> => {
    const pid = await recordedPid(app, info);
    // A record outlives its process, and the id may be another's by now.
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    if (!commandLine.includes(`/${app}/`)) throw new Error(`${app} is not running`);
    process.kill(pid, 'SIGKILL');
  };
  return { kill: () => eventually(killOnce, { timeoutMs: 30_000 }) };
}

async function recordedPid(app: App, { stateDir }: PlatformInfo): Promise<number> {
  return recordSchema.parse(JSON.parse(await readFile(join(stateDir, 'run', `${app}.json`), 'utf8'))).pid;
}

async function readRecipe(app: App, info: PlatformInfo): Promise<Recipe> {
  const pid = await recordedPid(app, info);
  const read = async (file: string): Promise<readonly string[]> =>
    (await readFile(`/proc/${pid}/${file}`, 'utf8')).split('\0').slice(0, -1);
  const pairs = (await read('environ')).map((line): [string, string] => {
    const [name = '', ...value] = line.split('=');
    return [name, value.join('=')];
  });
  return { name: app, argv: await read('cmdline'), env: Object.fromEntries(pairs) };
}

interface Kept extends Killable {
  readonly env: Readonly<Record<string, string>>;
  /** Ends it for good. */
  readonly stop: () => Promise<void>;
}

/** What {@link keepRunning} knows of its process. */
interface Keeping {
  child: ChildProcess | undefined;
  /** The process whose end was asked for. */
  killed: ChildProcess | undefined;
  ending: boolean;
}

/** A process of the spec: started, and started again each time that it ends. */
function keepRunning(recipe: Recipe, place: { readonly logFile: string; readonly unasked: string[] }): Kept {
  const keeping: Keeping = { child: undefined, killed: undefined, ending: false };
  const kept = keep(keeping, recipe, place);
  return {
    env: recipe.env,
    kill: async () => {
      await eventually(
        () => {
          keeping.killed = keeping.child;
          return keeping.child?.kill('SIGKILL') === true;
        },
        { timeoutMs: 30_000 },
      );
    },
    stop: async () => {
      keeping.ending = true;
      keeping.child?.kill('SIGKILL');
      await kept;
    },
  };
}

async function keep(
  keeping: Keeping,
  recipe: Recipe,
  { logFile, unasked }: { readonly logFile: string; readonly unasked: string[] },
): Promise<void> {
  while (!keeping.ending) {
    const child = await launch(recipe, logFile);
    const exit = once(child, 'exit');
    keeping.child = child;
    if (hasToEnd(keeping)) child.kill('SIGKILL');
    await exit;
    keeping.child = undefined;
    if (keeping.killed !== child && !hasToEnd(keeping)) {
      unasked.push(`${recipe.name} ended by itself (${child.exitCode ?? child.signalCode ?? ''})`);
    }
  }
}

/** Changes while a process is waited for. */
const hasToEnd = ({ ending }: Keeping): boolean => ending;

async function launch({ argv: [program = '', ...args], env }: Recipe, logFile: string): Promise<ChildProcess> {
  const log = await open(logFile, 'a');
  try {
    const child = spawn(program, args, { stdio: ['ignore', log.fd, log.fd], env: { ...env }, cwd: '/' });
    await once(child, 'spawn');
    return child;
  } finally {
    await log.close();
  }
}

async function untilReady(opsUrl: string): Promise<void> {
  await eventually(async () => (await fetch(`${opsUrl}/readyz`)).ok, { timeoutMs: 30_000, intervalMs: 100 });
}

function raise(message: string): never {
  throw new Error(message);
}
