import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiConfig } from './config.ts';

let folder: string;
let env: Record<string, string>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'api-config-'));
  const file = join(folder, 'url');
  writeFileSync(file, 'postgres://api:hunter2@127.0.0.1/pods\n');
  env = {
    PODS_SITE: 'local',
    OPS_PORT: '9100',
    HTTP_PORT: '8000',
    NATS_URL: 'nats://127.0.0.1:4222',
    DATABASE_URL_FILE: file,
    TENANTS_URL: 'http://127.0.0.1:8001/',
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the settings', () => {
  it('have documented defaults', () => {
    expect(apiConfig(env)).toMatchObject({
      site: 'local',
      prefix: '',
      http: { host: '127.0.0.1', port: 8000 },
      identity: {
        tenantsUrl: 'http://127.0.0.1:8001',
        securityUrl: 'http://127.0.0.1:8001',
        adminRoles: ['pods_admin', 'PODS_ADMIN'],
        internalHosts: ['localhost', '127.0.0.1'],
      },
      errorCodes: 'standard',
      statusWords: 'documented',
      limits: { computeQueues: ['default'], resources: { cpu: { min: 250, max: 6000, request: 250, limit: 2000 } } },
      corsOrigins: [],
      leaseMs: 2000,
    });
  });

  it('keep the database password out of sight', () => {
    const config = apiConfig(env);
    expect(JSON.stringify(config)).not.toContain('hunter2');
    expect(config.databaseUrl.reveal()).toContain('hunter2');
  });

  it('change single bounds and leave the others', () => {
    const limits = '{"cpu":{"min":50,"max":4000,"request":50,"limit":500}}';
    const { resources } = apiConfig({ ...env, RESOURCE_LIMITS: limits, COMPUTE_QUEUES: 'default, gpu' }).limits;
    expect(resources).toMatchObject({ cpu: { min: 50, limit: 500 }, mem: { min: 256 }, gpus: { max: 1 } });
  });

  it('take origins of pages, separated by commas', () => {
    const { corsOrigins } = apiConfig({ ...env, CORS_ORIGINS: 'https://ui.example.org, http://localhost:3000' });
    expect(corsOrigins).toEqual(['https://ui.example.org', 'http://localhost:3000']);
  });

  it.each([
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'null'],
    ['CORS_ORIGINS', 'https://ui.example.org/'],
    ['CORS_ORIGINS', 'https://UI.example.org'],
    ['CORS_ORIGINS', 'https://ui.example.org:443'],
    ['CORS_ORIGINS', 'ui.example.org'],
    ['CORS_ORIGINS', 'https://ui.example.org,'],
    ['TENANTS_URL', ''],
    ['DATABASE_URL_FILE', '/nowhere/url'],
    ['ERROR_CODES', 'newer'],
    ['STATUS_WORDS', 'other'],
    ['READ_LEASE', '2'],
    ['READ_LEASE', '1ms'],
    ['RESOURCE_LIMITS', 'cpu=3'],
    ['RESOURCE_LIMITS', '{"cpu":{"min":5}}'],
    ['RESOURCE_LIMITS', '{"cpus":{}}'],
    ['COMPUTE_QUEUES', 'gpu'],
    ['COMPUTE_QUEUES', 'default,a-b'],
    ['INTERNAL_HOSTS', 'localhost:8000'],
    ['ADMIN_ROLES', 'a b'],
  ])('are refused, by name, with %s=%s', (name, value) => {
    expect(() => apiConfig({ ...env, [name]: value })).toThrow(name);
  });
});
