// The Pod of a run (runtime.md 2.4 and 2.6, changed by architecture.md section 6).
import type { Resources } from '@pods/contracts';
import type { Pod } from '../kinds.ts';
import type { ComputeQueue, ManifestInput, Toleration } from './input.ts';
import { distinctPorts, metadataOf, queueOf } from './input.ts';
import { environmentOf, secretKey } from './secret.ts';

type PodSpec = NonNullable<Pod['spec']>;
type Container = PodSpec['containers'][number];
type Quantities = Record<string, string>;

export function podManifest(input: ManifestInput): Pod {
  const queue = queueOf(input);
  return {
    metadata: metadataOf(input, input.names.pod),
    spec: {
      // A container that ends is reported, not started again behind the log's back.
      restartPolicy: 'Never',
      // Other pods' addresses in the environment are nobody's business.
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      // Nothing else is taken away: images that run as root are part of the contract.
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      terminationGracePeriodSeconds: input.settings.gracePeriodSeconds,
      nodeSelector: { ...queue.nodeSelector },
      tolerations: queue.tolerations.map(tolerationOf),
      containers: [container(input, queue)],
    },
  };
}

function container(input: ManifestInput, queue: ComputeQueue): Container {
  const { definition, names } = input;
  return {
    name: names.pod,
    image: definition.image,
    imagePullPolicy: 'Always',
    ...(definition.command === null ? {} : { command: [...definition.command] }),
    ...(definition.arguments === null ? {} : { args: [...definition.arguments] }),
    env: Object.keys(environmentOf(input)).map((name, index) => ({
      name,
      valueFrom: { secretKeyRef: { name: names.secret, key: secretKey(index) } },
    })),
    ports: distinctPorts(definition).map((port, index) => ({ name: input.portName(index), containerPort: port })),
    resources: resourcesOf(definition.resources, queue),
    // The end of the output stands in for a message that the program did not leave.
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
}

/** The resource that stands for GPUs in a queue: the last of its list (runtime.md 2.6). */
function gpuResourceOf(queue: ComputeQueue): string | undefined {
  return queue.gpuResources.at(-1)?.activationResource;
}

function resourcesOf(resources: Resources, queue: ComputeQueue): { requests: Quantities; limits: Quantities } {
  const gpu = resources.gpus > 0 ? gpuResourceOf(queue) : undefined;
  const gpus = gpu === undefined ? {} : { [gpu]: String(resources.gpus) };
  return {
    requests: {
      ...quantities(resources.cpu_request, resources.mem_request, resources.ephemeral_storage_request),
      ...gpus,
    },
    limits: { ...quantities(resources.cpu_limit, resources.mem_limit, resources.ephemeral_storage_limit), ...gpus },
  };
}

/** Millicpu and Mi; -1 and 0 of ephemeral storage mean unset. */
function quantities(cpu: number, memory: number, ephemeral: number): Quantities {
  return {
    cpu: `${cpu}m`,
    memory: `${memory}Mi`,
    ...(ephemeral > 0 ? { 'ephemeral-storage': `${ephemeral}Mi` } : {}),
  };
}

function tolerationOf({ key, operator, value, effect }: Toleration): NonNullable<PodSpec['tolerations']>[number] {
  return {
    ...(key === undefined ? {} : { key }),
    ...(operator === undefined ? {} : { operator }),
    ...(value === undefined ? {} : { value }),
    ...(effect === undefined ? {} : { effect }),
  };
}
