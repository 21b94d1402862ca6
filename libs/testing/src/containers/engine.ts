// Containers on whatever Docker engine testcontainers finds (DOCKER_HOST, a context, the usual sockets). All containers of
// a run carry its label, by which they are removed: by the run's guard, or by the next run.
import { hostname } from 'node:os';
import { text } from 'node:stream/consumers';
import type { ContainerRuntimeClient } from 'testcontainers';
import { isGuarded } from '../servers/leftovers.ts';

/** Its value names the machine and the guard's folder: an engine may serve several machines. */
const label = 'pods.testing.run';

/** The library takes a second to load, so it is loaded only where a run asked for containers. */
async function library() {
  return await import('testcontainers');
}

/** @throws Error that says what to do when no engine answers. */
async function findEngine(): Promise<ContainerRuntimeClient> {
  const { getContainerRuntimeClient } = await library();
  return await getContainerRuntimeClient().catch((cause: unknown) => {
    const host = process.env['DOCKER_HOST'];
    const where = host === undefined ? '' : ` at ${host}, which DOCKER_HOST names`;
    throw new Error(
      `No Docker engine answers${where}. Start Docker, or set DOCKER_HOST to where it listens; npm test needs none.`,
      { cause },
    );
  });
}

export interface ContainerRequest {
  /** The folder of the guard whose run this container belongs to. */
  readonly run: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Files by their absolute path. */
  readonly files: Readonly<Record<string, string>>;
  /** What it listens on inside. */
  readonly innerPort: number;
  /** The port of this machine that leads there, also after a restart. */
  readonly port: number;
  /** Something in its output without which it need not be asked yet. */
  readonly readyMessage: RegExp;
}

export interface Container {
  /** The machine at which its port is found. */
  readonly host: string;
  readonly putFile: (path: string, content: string) => Promise<void>;
  /** Sends the signal and waits until it has ended. Its files stay. */
  readonly kill: (signal: 'SIGKILL' | 'SIGTERM') => Promise<void>;
  /** Starts it again after a kill. */
  readonly start: () => Promise<void>;
  /** Throws, with the end of its output, when it has ended. */
  readonly assertRunning: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** Starts a container; the image is pulled if the engine has none. */
export async function startContainer(request: ContainerRequest): Promise<Container> {
  const { GenericContainer, Wait } = await library();
  const { image, run, command, environment, files, innerPort, port, readyMessage } = request;
  const started = await new GenericContainer(image)
    .withLabels({ [label]: labelOf(run) })
    .withCommand([...command])
    .withEnvironment({ ...environment })
    .withCopyContentToContainer(Object.entries(files).map(([target, content]) => ({ target, content })))
    .withExposedPorts({ container: innerPort, host: port })
    // Not by asking inside, for which an image needs a shell.
    .withWaitStrategy(Wait.forLogMessage(readyMessage))
    // The library's own remover needs a privileged container; the guard does without.
    .withAutoCleanup(false)
    .start();
  const container = (await findEngine()).container.getById(started.getId());
  return {
    host: started.getHost(),
    putFile: async (target, content) => started.copyContentToContainer([{ target, content }]),
    kill: async (signal) => {
      await container.kill({ signal });
      await container.wait();
    },
    start: async () => {
      await container.start();
    },
    assertRunning: async () => {
      const { State: state } = await container.inspect();
      if (state.Running) return;
      const output = await text(await started.logs({ tail: 20 }));
      throw new Error(`the container of ${image} ended (exit code ${state.ExitCode}); the end of its log:\n${output}`);
    },
    remove: async () => {
      await container.remove({ force: true, v: true });
    },
  };
}

/** Removes all containers of a run, running or not. */
export async function removeContainers(run: string): Promise<void> {
  const { dockerode } = (await findEngine()).container;
  const filters = { label: [`${label}=${labelOf(run)}`] };
  for (const { Id: id } of await dockerode.listContainers({ all: true, filters })) {
    await dockerode
      .getContainer(id)
      .remove({ force: true, v: true })
      .catch((error: unknown) => {
        if (!isGoneAlready(error)) throw error;
      });
  }
}

/** Removes the containers of runs of this machine whose guards were killed. */
export async function removeLeftoverContainers(): Promise<void> {
  // Who lives is looked up in /proc.
  if (process.platform !== 'linux') return;
  const { dockerode } = (await findEngine()).container;
  const containers = await dockerode.listContainers({ all: true, filters: { label: [label] } });
  const runs = new Set(containers.flatMap(({ Labels: labels }) => runOf(labels[label] ?? '') ?? []));
  for (const run of runs) if (!(await isGuarded(run))) await removeContainers(run);
}

/** Somebody else has removed it, or is about to. */
function isGoneAlready(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && (error.statusCode === 404 || error.statusCode === 409);
}

function labelOf(run: string): string {
  return `${hostname()}:${run}`;
}

/** The guard's folder in a label's value; undefined for another machine's. */
function runOf(value: string): string | undefined {
  const prefix = labelOf('');
  return value.startsWith(prefix) ? value.slice(prefix.length) : undefined;
}
