// The image registry as a part.
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ensurePassword } from '../files/password.ts';
import { putSecret } from '../files/put-file.ts';
import type { Platform } from '../platform.ts';
import { probe } from '../process/probe.ts';
import type { Part } from './part.ts';

/** Where images are pushed to. */
export const registryUrl = ({ settings }: Platform): string => `http://127.0.0.1:${settings.ports.registry}`;

/** The registry. */
export const registry: Part = {
  name: 'registry',
  title: 'image registry',
  ports: ({ settings }) => [settings.ports.registry],
  readyMs: 30_000,
  prepare: async (platform, programs) => {
    const { folders, settings } = platform;
    const file = join(folders.conf, 'registry.yaml');
    const config = {
      version: 0.1,
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: folders.registry }, delete: { enabled: true } },
      http: { addr: `127.0.0.1:${settings.ports.registry}`, secret: await ensurePassword(platform, 'registry') },
    };
    await putSecret(file, stringify(config));
    // Without this it tries to send traces to a collector.
    return {
      name: 'registry',
      program: programs.registry,
      args: ['serve', file],
      env: { OTEL_TRACES_EXPORTER: 'none' },
      files: [file],
    };
  },
  check: async (platform) => {
    await probe(`${registryUrl(platform)}/v2/`);
  },
};
