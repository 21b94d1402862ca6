// What can be set, what is refused, and what holds when nothing is set.
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const least = {
  PODS_SITE: 'local',
  PODS_INSTALLATION_ID: 'i1',
  OPS_PORT: '9101',
  NATS_URL: 'nats://127.0.0.1:4222',
  KUBECONFIG_FILE: 'kubeconfig',
};

describe('the configuration', () => {
  it('has sensible values for everything that need not be set', () => {
    expect(readConfig(least)).toMatchObject({
      kube: { namespace: 'pods' },
      manifests: {
        queues: { default: { nodeSelector: {}, tolerations: [], gpuResources: [] } },
        gracePeriodSeconds: 10,
        edgeCidrs: ['198.18.0.1/32'],
      },
      policy: { attemptsMax: 5, lossesMax: 5, logsWaitMs: 10_000 },
      orphans: { podsMax: 0, shareMax: 0.5 },
      fullPassEveryMs: 300_000,
    });
  });

  it('reads queues in the documented form', () => {
    const queue = {
      queue_name: 'gpu',
      node_selector: 'pods.local/gpu,yes',
      tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }],
      gpu_resources: [{ activation_resource: 'nvidia.com/gpu', max_gpu_request: 2 }],
    };
    const { manifests } = readConfig({ ...least, COMPUTE_QUEUES: JSON.stringify([{ queue_name: 'default' }, queue]) });
    expect(manifests.queues['gpu']).toEqual({
      nodeSelector: { 'pods.local/gpu': 'yes' },
      tolerations: queue.tolerations,
      gpuResources: [{ activationResource: 'nvidia.com/gpu', gpusMax: 2 }],
    });
  });

  it.each([
    ['COMPUTE_QUEUES', '[]'],
    ['COMPUTE_QUEUES', 'no JSON'],
    ['COMPUTE_QUEUES', '[{"queue_name":"default"},{"queue_name":"default"}]'],
    ['COMPUTE_QUEUES', '[{"queue_name":"default","node_selector":"one"}]'],
    ['COMPUTE_QUEUES', '[{"queue_name":"default","nodes":"all"}]'],
    ['EDGE_CIDRS', '10.0.0.0'],
    ['DENIED_CIDRS', '10.0.0.0/8,,'],
    ['LOGS_WAIT', '11s'],
    ['SPAWN_ATTEMPTS_MAX', '0'],
    ['LOSSES_MAX', '1.5'],
    ['ORPHAN_PERCENT_MAX', '101'],
    ['KUBE_NAMESPACE', 'Not_Valid'],
    ['PODS_INSTALLATION_ID', ''],
  ])('refuses %s=%s by name', (name, value) => {
    expect(() => readConfig({ ...least, [name]: value })).toThrow(name);
  });

  it('refuses delays whose least is above their greatest', () => {
    expect(() => readConfig({ ...least, SPAWN_RETRY_MIN: '2m' })).toThrow('SPAWN_RETRY_MIN');
    expect(() => readConfig({ ...least, LOSS_RETRY_MAX: '1s' })).toThrow('LOSS_RETRY_MIN');
  });
});
