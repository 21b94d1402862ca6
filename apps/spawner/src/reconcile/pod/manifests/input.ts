// What manifests are built from: names and labels of a run, its definition, and the settings of the installation.
import type { PodDefinition } from '@pods/contracts';
import type { RunNames } from '../kinds.ts';

export interface ManifestInput {
  readonly names: RunNames;
  /** Labels of every object of the run. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Selects the run's Pod and no other. */
  readonly runSelector: Readonly<Record<string, string>>;
  /** Selects the Pods of the tenant. */
  readonly tenantSelector: Readonly<Record<string, string>>;
  readonly definition: PodDefinition;
  readonly settings: ManifestSettings;
  /** Names the n-th port. */
  readonly portName: (index: number) => string;
}

export interface ManifestSettings {
  /** By name; `default` is there. */
  readonly queues: Readonly<Record<string, ComputeQueue>>;
  readonly gracePeriodSeconds: number;
  /** Where requests of the edge come from. */
  readonly edgeCidrs: readonly string[];
  /** Addresses that no pod may reach: the cluster's own control and the machine's metadata. */
  readonly deniedCidrs: readonly string[];
}

/** Where a class of pods runs and what it may use there (runtime.md 2.6). */
export interface ComputeQueue {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly gpuResources: readonly GpuResource[];
}

export interface Toleration {
  readonly key?: string | undefined;
  readonly operator?: string | undefined;
  readonly value?: string | undefined;
  readonly effect?: string | undefined;
}

export interface GpuResource {
  readonly activationResource: string;
  readonly gpusMax: number;
}

/** The metadata that every object of a run has. */
export function metadataOf(
  input: ManifestInput,
  name: string,
): { name: string; labels: Record<string, string>; annotations: Record<string, string> } {
  return { name, labels: { ...input.labels }, annotations: { ...input.annotations } };
}

/** Ports of the definition's networking entries, each once, in the order of the entries. */
export function distinctPorts(definition: PodDefinition): readonly number[] {
  return [...new Set(Object.values(definition.networking).map((entry) => entry.port))];
}

/** The queue that a definition names; an unknown name means `default` (runtime.md 2.6). */
export function queueOf(input: Pick<ManifestInput, 'definition' | 'settings'>): ComputeQueue {
  const { queues } = input.settings;
  return queues[input.definition.compute_queue] ?? queues['default'] ?? plainQueue;
}

const plainQueue: ComputeQueue = { nodeSelector: {}, tolerations: [], gpuResources: [] };
