// Puts the manifests of one run together: names and labels from libs/kube, content from the pure builders, and a hash
// of each manifest, so that a later pass sees whether an object still is what is asked for.
import { createHash } from 'node:crypto';
import type { PodDefinition } from '@pods/contracts';
import type { RunIdentity } from '@pods/kube';
import { portName, runAnnotations, runLabels, runNames, runSelector, tenantSelector } from '@pods/kube';
import type { RunManifests } from './kinds.ts';
import { anchorManifest } from './manifests/anchor.ts';
import { impossibleBecause } from './manifests/impossible.ts';
import type { ManifestInput, ManifestSettings } from './manifests/input.ts';
import { networkPolicyManifest } from './manifests/network-policy.ts';
import { podManifest } from './manifests/pod.ts';
import { secretManifest } from './manifests/secret.ts';
import { serviceManifest } from './manifests/service.ts';
import { contentKey } from './plan-run.ts';
import type { StartMaterials } from './snapshot.ts';

/** What the open run is made from. */
export function buildRun(run: RunIdentity, definition: PodDefinition, settings: ManifestSettings): StartMaterials {
  const input: ManifestInput = {
    names: runNames(run),
    labels: runLabels(run),
    annotations: runAnnotations(run),
    runSelector: runSelector(run),
    tenantSelector: tenantSelector(run),
    definition,
    settings,
    portName,
  };
  const why = impossibleBecause(input);
  if (why !== null) return { kind: 'impossible', cause: why };
  return { kind: 'manifests', manifests: manifestsOf(input) };
}

function manifestsOf(input: ManifestInput): RunManifests {
  const service = serviceManifest(input);
  return {
    anchor: anchorManifest(input),
    secret: secretManifest(input),
    networkPolicy: withContent(networkPolicyManifest(input)),
    service: service === null ? null : withContent(service),
    pod: podManifest(input),
  };
}

interface Annotated {
  readonly metadata?: { readonly annotations?: Record<string, string> };
}

function withContent<Manifest extends Annotated>(manifest: Manifest): Manifest {
  const content = createHash('sha256').update(JSON.stringify(manifest)).digest('hex').slice(0, 16);
  const annotations = { ...manifest.metadata?.annotations, [contentKey]: content };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}
