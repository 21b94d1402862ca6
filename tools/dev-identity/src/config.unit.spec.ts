// Settings: defaults, and where the program refuses to run.
import { ConfigError } from '@pods/service';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const env = {
  PODS_SITE: 'local',
  PODS_ENV: 'development',
  OPS_PORT: '9104',
  HTTP_PORT: '8001',
  IDENTITY_STATE_DIR: 'state',
};

describe('readConfig', () => {
  it('gives tokens four hours and refresh tokens thirty days', () => {
    expect(readConfig(env)).toMatchObject({
      edgePort: 8443,
      http: { host: '127.0.0.1', port: 8001 },
      lifeMs: { access: 14_400_000, refresh: 2_592_000_000 },
    });
  });

  it('refuses production, and an environment that nobody named', () => {
    expect(() => readConfig({ ...env, PODS_ENV: 'production' })).toThrow(/PODS_ENV: must not be production/);
    expect(() => readConfig({ ...env, PODS_ENV: undefined })).toThrow(/PODS_ENV: must be development/);
  });

  it('needs a folder for its keys', () => {
    expect(() => readConfig({ ...env, IDENTITY_STATE_DIR: '' })).toThrow(ConfigError);
  });
});
