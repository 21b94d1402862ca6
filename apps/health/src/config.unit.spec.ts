import { ConfigError } from '@pods/service';
import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';

const least = {
  PODS_SITE: 'local',
  PODS_INSTALLATION_ID: 'spec',
  OPS_PORT: '0',
  NATS_URL: 'nats://127.0.0.1:4222',
  KUBECONFIG_FILE: '/etc/pods/kubeconfig',
};

describe('settings', () => {
  test('what is not set has the documented default', () => {
    expect(readConfig(least)).toMatchObject({
      KUBE_NAMESPACE: 'pods',
      PULL_ATTEMPTS: 3,
      PULL_PATIENCE: 120_000,
      PLACEMENT_PATIENCE: 600_000,
      LOG_RING_BYTES: 10_485_760,
      LOG_RUNS_KEPT: 3,
    });
  });

  test.each([
    ['PULL_ATTEMPTS', '0'],
    ['LOG_RING_BYTES', '262144'],
    ['LOG_MEMORY_BYTES', '10485759'],
    ['LOG_ARCHIVE_HURRY', '10s'],
    ['PLACEMENT_PATIENCE', '10'],
    ['KUBECONFIG_FILE', ''],
  ])('%s=%s is refused by name', (name, value) => {
    const read = () => readConfig({ ...least, [name]: value });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(name);
  });
});
