// What is made of a definition (runtime.md 2.4 and 2.6, changed by architecture.md section 6).
import type { NetworkingEntry, PodDefinition } from '@pods/contracts';
import { aDefinition, aNetworkingEntry, someResources } from '@pods/domain-pods/testing';
import { parseRunIdentity } from '@pods/kube';
import { describe, expect, it } from 'vitest';
import { firstRun, someSettings } from '../../../testing/builders.ts';
import { buildRun } from '../build-run.ts';
import type { RunManifests } from '../kinds.ts';
import type { ManifestSettings } from './input.ts';

function build(changes: Partial<PodDefinition> = {}, settings: ManifestSettings = someSettings): RunManifests {
  const start = buildRun(firstRun, aDefinition(changes), settings);
  if (start.kind !== 'manifests') throw new Error(start.cause.message);
  return start.manifests;
}

function refusal(changes: Partial<PodDefinition>, settings: ManifestSettings = someSettings): string | undefined {
  const start = buildRun(firstRun, aDefinition(changes), settings);
  return start.kind === 'impossible' ? `${start.cause.reason}: ${start.cause.message}` : undefined;
}

function entry(changes: Partial<NetworkingEntry>): NetworkingEntry {
  return { ...aNetworkingEntry, ...changes };
}

type Container = NonNullable<RunManifests['pod']['spec']>['containers'][number];

function containerOf(manifests: RunManifests): Container {
  const [container] = manifests.pod.spec?.containers ?? [];
  if (container === undefined) throw new Error('the Pod has no container');
  return container;
}

/** The environment as the container gets it: names from the Pod, values from the Secret. */
function environmentOf(manifests: RunManifests): Record<string, string | undefined> {
  const values = manifests.secret.stringData ?? {};
  const variables = containerOf(manifests).env ?? [];
  return Object.fromEntries(variables.map(({ name, valueFrom }) => [name, values[valueFrom?.secretKeyRef?.key ?? '']]));
}

describe('every object of a run', () => {
  it('says whose it is', () => {
    const { anchor, secret, networkPolicy, service, pod } = build();
    for (const object of [anchor, secret, networkPolicy, service, pod]) {
      expect(parseRunIdentity(object?.metadata)).toEqual(firstRun);
    }
    expect(pod.metadata?.name).toBe('pods-local-dev-docpod');
    expect(anchor.metadata?.name).toBe('pods-local-dev-docpod-run-1');
  });
});

describe('the Pod', () => {
  it('runs once, without a token, without other services in its environment, under the default seccomp profile', () => {
    expect(build().pod.spec).toMatchObject({
      restartPolicy: 'Never',
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      terminationGracePeriodSeconds: 10,
    });
  });

  it('runs the image as its user says, with what it is told to run', () => {
    const plain = containerOf(build());
    expect(plain).toMatchObject({
      name: 'pods-local-dev-docpod',
      image: 'pods.local/webpage:1',
      imagePullPolicy: 'Always',
    });
    expect(plain).not.toHaveProperty('command');
    expect(plain).not.toHaveProperty('args');
    expect(plain).not.toHaveProperty('securityContext');
    expect(containerOf(build({ command: ['sh', '-c'], arguments: ['true'] }))).toMatchObject({
      command: ['sh', '-c'],
      args: ['true'],
    });
  });

  it('asks for millicpu and Mi, and for storage only where it is set', () => {
    expect(containerOf(build()).resources).toEqual({
      requests: { cpu: '250m', memory: '256Mi' },
      limits: { cpu: '2000m', memory: '3072Mi' },
    });
    const resources = { ...someResources, ephemeral_storage_request: 100, ephemeral_storage_limit: 0 };
    expect(containerOf(build({ resources })).resources).toMatchObject({
      requests: { 'ephemeral-storage': '100Mi' },
      limits: { cpu: '2000m', memory: '3072Mi' },
    });
    expect(containerOf(build({ resources })).resources?.limits).not.toHaveProperty('ephemeral-storage');
  });

  it('names ports by index, each port once, whatever the keys of the entries', () => {
    const networking = {
      default: entry({}),
      same: entry({ protocol: 'tcp' }),
      [`k${'x'.repeat(60)}`]: entry({ port: 8080 }),
    };
    expect(containerOf(build({ networking })).ports).toEqual([
      { name: 'p0', containerPort: 5000 },
      { name: 'p1', containerPort: 8080 },
    ]);
  });
});

describe('the environment', () => {
  it('holds the values of variables in the Secret and none of them in the Pod', () => {
    const manifests = build({ environment_variables: { TOKEN: 'very-secret', 'odd.name-1': '$(TOKEN) "x"\n' } });
    expect(environmentOf(manifests)).toMatchObject({ TOKEN: 'very-secret', 'odd.name-1': '$(TOKEN) "x"\n' });
    expect(JSON.stringify(manifests.pod)).not.toContain('very-secret');
  });

  it('names image and revision, hides the cluster, and wins over the user', () => {
    const manifests = build({ environment_variables: { image: 'mine', KUBERNETES_SERVICE_HOST: 'mine', A: '1' } });
    expect(environmentOf(manifests)).toEqual({
      A: '1',
      image: 'pods.local/webpage:1',
      revision: '1',
      KUBERNETES_PORT: '',
      KUBERNETES_SERVICE_HOST: '',
      KUBERNETES_SERVICE_PORT: '',
      KUBERNETES_SERVICE_PORT_HTTPS: '',
      KUBERNETES_PORT_443_TCP: '',
      KUBERNETES_PORT_443_TCP_ADDR: '',
      KUBERNETES_PORT_443_TCP_PORT: '',
      KUBERNETES_PORT_443_TCP_PROTO: '',
    });
  });

  it.each(['1A', 'A=B', 'A B', '', 'Ä'])('refuses the name %j with a cause that names it', (name) => {
    expect(refusal({ environment_variables: { OK: '1', [name]: 'very-secret' } })).toContain(`InvalidEnvironment`);
    expect(refusal({ environment_variables: { [name]: 'very-secret' } })).toContain(JSON.stringify(name));
    expect(refusal({ environment_variables: { [name]: 'very-secret' } })).not.toContain('very-secret');
  });
});

describe('the compute queue', () => {
  const settings: ManifestSettings = {
    ...someSettings,
    queues: {
      ...someSettings.queues,
      gpu: {
        nodeSelector: { 'pods.local/gpu': 'yes' },
        tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }],
        gpuResources: [
          { activationResource: 'nvidia.com/mig', gpusMax: 1 },
          { activationResource: 'nvidia.com/gpu', gpusMax: 1 },
        ],
      },
    },
  };

  it('says where the Pod runs and what it may use there', () => {
    const { pod } = build({ compute_queue: 'gpu', resources: { ...someResources, gpus: 2 } }, settings);
    expect(pod.spec?.nodeSelector).toEqual({ 'pods.local/gpu': 'yes' });
    expect(pod.spec?.tolerations).toEqual([{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }]);
    const resources = pod.spec?.containers[0]?.resources;
    expect(resources?.requests).toMatchObject({ 'nvidia.com/gpu': '2' });
    expect(resources?.limits).toMatchObject({ 'nvidia.com/gpu': '2' });
    expect(resources?.limits).not.toHaveProperty('nvidia.com/mig');
  });

  it('that is unknown is the default one', () => {
    expect(build({ compute_queue: 'nowhere' }, settings).pod.spec?.nodeSelector).toEqual({});
  });

  it('refuses more GPUs than it has', () => {
    expect(refusal({ compute_queue: 'gpu', resources: { ...someResources, gpus: 3 } }, settings)).toContain(
      'at most 2 GPUs',
    );
    expect(refusal({ resources: { ...someResources, gpus: 1 } }, settings)).toContain('QueueHasNoGpus');
  });
});

describe('the Service', () => {
  it('leads to the Pod of this run only, one port for each that the entries name', () => {
    const networking = { default: entry({}), same: entry({}), admin: entry({ port: 8080, protocol: 'local_only' }) };
    expect(build({ networking }).service?.spec).toEqual({
      type: 'ClusterIP',
      selector: {
        'pods.local/installation': 'spec',
        'pods.local/tenant': 'dev',
        'pods.local/pod': 'docpod',
        'pods.local/incarnation': '1',
        'pods.local/run': '1',
      },
      ports: [
        { name: 'p0', port: 5000, targetPort: 5000, protocol: 'TCP' },
        { name: 'p1', port: 8080, targetPort: 8080, protocol: 'TCP' },
      ],
    });
  });

  it('is not made for a pod without ports', () => {
    expect(build({ networking: {} }).service).toBeNull();
  });
});

describe('the NetworkPolicy', () => {
  it('lets the edge reach ports that can have a route, and pods of the tenant all', () => {
    const networking = {
      default: entry({}),
      inner: entry({ port: 6000, protocol: 'local_only' }),
      db: entry({ port: 5432, protocol: 'postgres' }),
    };
    const tenant = { podSelector: { matchLabels: { 'pods.local/installation': 'spec', 'pods.local/tenant': 'dev' } } };
    expect(build({ networking }).networkPolicy.spec?.ingress).toEqual([
      {
        from: [{ ipBlock: { cidr: '198.18.0.1/32' } }],
        ports: [
          { protocol: 'TCP', port: 5000 },
          { protocol: 'TCP', port: 5432 },
        ],
      },
      { from: [tenant] },
    ]);
    expect(build({ networking: {} }).networkPolicy.spec?.ingress).toEqual([{ from: [tenant] }]);
  });

  it('lets the pod out to anywhere but the addresses that are denied, each within its family', () => {
    const egress = build().networkPolicy.spec?.egress ?? [];
    expect(egress.slice(0, 2)).toEqual([
      { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }] },
      { to: [{ ipBlock: { cidr: '::/0', except: ['fd00:ec2::254/128'] } }] },
    ]);
    expect(build({}, { ...someSettings, deniedCidrs: [] }).networkPolicy.spec?.egress?.[0]).toEqual({
      to: [{ ipBlock: { cidr: '0.0.0.0/0' } }],
    });
  });

  it('applies to the Pod of this run in both directions', () => {
    expect(build().networkPolicy.spec).toMatchObject({
      policyTypes: ['Ingress', 'Egress'],
      podSelector: { matchLabels: { 'pods.local/pod': 'docpod', 'pods.local/run': '1' } },
    });
  });
});
