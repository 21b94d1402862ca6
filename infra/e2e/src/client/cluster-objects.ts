// Everything that is in a cluster, as far as it says what somebody wants there: to see whether anything was changed.
import { createHash } from 'node:crypto';
import { execa } from 'execa';
import { z } from 'zod';

const itemSchema = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    deletionTimestamp: z.string().optional(),
  }),
  spec: z.looseObject({ parentRef: z.looseObject({ namespace: z.string().optional() }).optional() }).optional(),
});
const listSchema = z.object({ items: z.array(itemSchema) });
type Item = z.infer<typeof itemSchema>;

/** What changes by itself all the time. */
const volatileKinds = ['events', 'events.events.k8s.io', 'leases.coordination.k8s.io', 'componentstatuses'];

export interface ClusterObjects {
  /** A digest of the wanted state of each object outside of a namespace, as `Kind namespace/name`. */
  readonly outside: (namespace: string) => Promise<Readonly<Record<string, string>>>;
  /** `Kind name` of each object in a namespace. */
  readonly inside: (namespace: string) => Promise<readonly string[]>;
  /** Names of objects that are being deleted. */
  readonly ending: () => Promise<readonly string[]>;
}

/** `kubectl` is the program with its first arguments, the kubeconfig among them. */
export function openClusterObjects(kubectl: readonly string[]): ClusterObjects {
  const [program = '', ...first] = kubectl;
  const run = async (args: readonly string[]): Promise<string> => {
    const { stdout } = await execa(program, [...first, '--request-timeout=30s', ...args]);
    return stdout;
  };
  const all = async (): Promise<readonly Item[]> => {
    const kinds = (await run(['api-resources', '--verbs=list', '-o', 'name'])).split('\n');
    const stable = kinds.filter((kind) => kind !== '' && !volatileKinds.includes(kind));
    return listSchema.parse(JSON.parse(await run(['get', stable.join(','), '-A', '-o', 'json']))).items;
  };
  return {
    outside: async (namespace) => {
      const others = (await all()).filter((item) => !belongsTo(item, namespace));
      return Object.fromEntries(others.map((item) => [nameOf(item), digestOf(item)]));
    },
    inside: async (namespace) => (await all()).filter((item) => belongsTo(item, namespace)).map(nameOf),
    ending: async () => (await all()).filter(({ metadata }) => metadata.deletionTimestamp !== undefined).map(nameOf),
  };
}

/** The API server itself keeps one cluster-wide object for the address of each Service; its parent says where that is. */
function belongsTo({ kind, metadata, spec }: Item, namespace: string): boolean {
  if (kind === 'Namespace') return metadata.name === namespace;
  return metadata.namespace === namespace || spec?.parentRef?.namespace === namespace;
}

function nameOf({ kind, metadata }: Item): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Without what its controllers report, and without the bookkeeping of writes. */
function digestOf({ status: _status, metadata, ...wanted }: Item): string {
  const { resourceVersion: _version, managedFields: _fields, ...kept } = metadata;
  return createHash('sha256')
    .update(JSON.stringify({ ...wanted, metadata: kept }))
    .digest('hex')
    .slice(0, 16);
}
