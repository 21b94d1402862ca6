// All parts of the platform, in the order in which they are shown.
import { apps, identity } from '../apps/apps.ts';
import { keeper } from '../keeper/part.ts';
import type { Platform } from '../platform.ts';
import { edge } from './edge.ts';
import { kubernetes } from './kubernetes.ts';
import { nats } from './nats.ts';
import type { Part } from './part.ts';
import { postgres } from './postgres.ts';
import { registry } from './registry.ts';

const allParts: readonly Part[] = [
  nats,
  postgres,
  ...Object.values(kubernetes),
  registry,
  identity,
  ...apps,
  edge,
  keeper,
];

const ofOwnCluster: readonly string[] = [...Object.values(kubernetes), registry].map(({ name }) => name);

/** Every process that a running platform consists of. */
export const partsOf = ({ existing }: Platform): readonly Part[] =>
  existing === undefined ? allParts : allParts.filter(({ name }) => !ofOwnCluster.includes(name));
