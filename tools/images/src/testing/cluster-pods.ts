// For specs: containers of catalogue images in a namespace of their own on the platform's cluster.
import { execa } from 'execa';

export type ClusterPods = {
  /** Runs an image under its own name and waits until its process answers the probe. */
  readonly run: (name: string, image: string, probe: object, env?: Readonly<Record<string, string>>) => Promise<string>;
  /** Standard output of a command in the pod. */
  readonly exec: (name: string, command: readonly string[]) => Promise<string>;
  readonly logs: (name: string) => Promise<string>;
  /** Asks the pod to end and waits; returns the seconds that it took. */
  readonly stop: (name: string) => Promise<number>;
  readonly remove: () => Promise<void>;
};

const READY_S = 60;
const GRACE_S = 30;

const manifest = (name: string, image: string, probe: object, env: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: GRACE_S,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'main',
          image,
          imagePullPolicy: 'Always',
          env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
          readinessProbe: { ...probe, periodSeconds: 1, failureThreshold: READY_S },
        },
      ],
    },
  });

/** Makes the namespace. `kubectl` is a program with its first arguments. */
export const clusterPods = async (kubectl: readonly string[], namespace: string): Promise<ClusterPods> => {
  const [program = 'kubectl', ...first] = kubectl;
  const call = async (args: readonly string[], input?: string): Promise<string> => {
    const all = [...first, '--namespace', namespace, ...args];
    const { stdout } = await execa(program, all, input === undefined ? {} : { input });
    return stdout;
  };
  await call(['create', 'namespace', namespace]);
  return {
    run: async (name, image, probe, env = {}) => {
      await call(['apply', '--filename', '-'], manifest(name, image, probe, env));
      await call(['wait', '--for=condition=Ready', `pod/${name}`, `--timeout=${READY_S}s`]);
      return await call(['get', 'pod', name, '--output', 'jsonpath={.status.podIP}']);
    },
    exec: async (name, command) => await call(['exec', name, '--', ...command]),
    logs: async (name) => await call(['logs', name]),
    stop: async (name) => {
      const startedMs = performance.now();
      await call(['delete', 'pod', name, '--wait=true', `--timeout=${GRACE_S * 2}s`]);
      return (performance.now() - startedMs) / 1000;
    },
    remove: async () => {
      await call(['delete', 'namespace', namespace, '--wait=false']);
    },
  };
};
