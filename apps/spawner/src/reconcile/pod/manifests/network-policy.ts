// Who may talk to the pod and to whom it may talk (architecture.md section 6).
import type { PodDefinition } from '@pods/contracts';
import type { NetworkPolicy } from '../kinds.ts';
import type { ManifestInput } from './input.ts';
import { metadataOf } from './input.ts';

type Spec = NonNullable<NetworkPolicy['spec']>;
type Ingress = NonNullable<Spec['ingress']>[number];
type Egress = NonNullable<Spec['egress']>[number];

export function networkPolicyManifest(input: ManifestInput): NetworkPolicy {
  return {
    metadata: metadataOf(input, input.names.networkPolicy),
    spec: {
      podSelector: { matchLabels: { ...input.runSelector } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [...fromEdge(input), fromTenant(input)],
      egress: [...anywhereAllowed(input), toTenant(input), names],
    },
  };
}

/** The edge reaches ports that have, or may get, a route; nothing from outside reaches a `local_only` one. */
function fromEdge({ definition, settings }: ManifestInput): readonly Ingress[] {
  const ports = routablePorts(definition).map((port) => ({ protocol: 'TCP', port }));
  if (ports.length === 0 || settings.edgeCidrs.length === 0) return [];
  return [{ from: settings.edgeCidrs.map((cidr) => ({ ipBlock: { cidr } })), ports }];
}

function routablePorts(definition: PodDefinition): readonly number[] {
  const entries = Object.values(definition.networking).filter((entry) => entry.protocol !== 'local_only');
  return [...new Set(entries.map((entry) => entry.port))];
}

function fromTenant({ tenantSelector }: ManifestInput): Ingress {
  return { from: [{ podSelector: { matchLabels: { ...tenantSelector } } }] };
}

/** A block for each address family, because an exception must lie within its block. */
function anywhereAllowed({ settings }: ManifestInput): readonly Egress[] {
  const block = (cidr: string, isOfFamily: (denied: string) => boolean): Egress => {
    const except = settings.deniedCidrs.filter(isOfFamily);
    return { to: [{ ipBlock: { cidr, ...(except.length === 0 ? {} : { except }) } }] };
  };
  return [block('0.0.0.0/0', (denied) => !denied.includes(':')), block('::/0', (denied) => denied.includes(':'))];
}

/** An address block need not cover Pods, so those of the tenant and the cluster's name servers are named. */
function toTenant({ tenantSelector }: ManifestInput): Egress {
  return { to: [{ podSelector: { matchLabels: { ...tenantSelector } } }] };
}

const names: Egress = {
  to: [{ namespaceSelector: {} }],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};
