// The settings of api: read from the environment by main.ts, checked here, nested and frozen.
import type { Environment, Redacted } from '@pods/service';
import {
  commonSettings,
  durationMs,
  fileSecret,
  httpSettings,
  loadConfig,
  natsSettings,
  urlSchema,
} from '@pods/service';
import { z } from 'zod';
import type { ErrorCodes } from './errors/refusal-table.ts';
import type { ResourceSettings } from './requests/fields/resources.ts';
import { defaultResourceSettings } from './requests/fields/resources.ts';

export interface ApiConfig {
  readonly site: string;
  readonly prefix: string;
  readonly logLevel: string;
  readonly ops: { readonly host: string; readonly port: number };
  readonly http: { readonly host: string; readonly port: number };
  readonly nats: { readonly url: string; readonly seedFile: string | undefined };
  readonly databaseUrl: Redacted<string>;
  readonly identity: {
    readonly tenantsUrl: string;
    readonly securityUrl: string;
    readonly adminRoles: readonly string[];
    readonly internalHosts: readonly string[];
    /** Shown to the Security Kernel, where it asks for one. */
    readonly serviceToken: Redacted<string> | undefined;
  };
  readonly errorCodes: ErrorCodes;
  readonly statusWords: 'documented' | 'older';
  readonly limits: { readonly resources: ResourceSettings; readonly computeQueues: readonly string[] };
  /** Origins of pages that may use the API, as browsers send them; empty for no CORS. */
  readonly corsOrigins: readonly string[];
  /** Milliseconds for which an announcement lets a process show pods. */
  readonly leaseMs: number;
}

/** Words separated by commas. */
function words(pattern: RegExp, rule: string, byDefault: string): z.ZodType<readonly string[], string | undefined> {
  return z
    .string()
    .default(byDefault)
    .transform((text) => text.split(',').map((word) => word.trim()))
    .refine((list) => list.every((word) => pattern.test(word)), rule);
}

/** As a browser sends it: `https://ui.example.org`, nothing behind the port. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.parse(text)?.origin === text;
}

const originsSchema = z
  .string()
  .default('')
  .transform((text) => (text.trim() === '' ? [] : text.split(',').map((origin) => origin.trim())))
  .refine(
    (origins) => origins.every(isOrigin),
    'must be origins such as https://ui.example.org separated by commas, in lower case, without a path',
  );

const rangeSchema = z
  .strictObject({ min: z.int(), max: z.int(), request: z.int(), limit: z.int() })
  .refine((range) => range.min <= range.max, 'min must not exceed max');
const resourcesSchema = z.strictObject({
  cpu: rangeSchema.default(defaultResourceSettings.cpu),
  mem: rangeSchema.default(defaultResourceSettings.mem),
  ephemeralStorage: rangeSchema.default(defaultResourceSettings.ephemeralStorage),
  gpus: z.strictObject({ max: z.int().min(0), default: z.int().min(0) }).default(defaultResourceSettings.gpus),
});

/** JSON such as `{"cpu":{"min":100,"max":4000,"request":100,"limit":1000}}`; parts left out keep their default. */
const resourceLimits = z
  .string()
  .default('{}')
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.issues.push({ code: 'custom', message: 'must be JSON', input: undefined });
      return z.NEVER;
    }
  })
  .pipe(resourcesSchema);

const settingsSchema = z.object({
  ...commonSettings,
  ...natsSettings,
  ...httpSettings,
  NATS_NKEY_SEED_FILE: z.string().optional(),
  DATABASE_URL_FILE: fileSecret(),
  TENANTS_URL: urlSchema(),
  SECURITY_URL: urlSchema().optional(),
  SERVICE_TOKEN_FILE: fileSecret().optional(),
  ADMIN_ROLES: words(/^\S+$/, 'must be role names separated by commas', 'pods_admin,PODS_ADMIN'),
  INTERNAL_HOSTS: words(
    /^[A-Za-z0-9.-]+$/,
    'must be host names without ports, separated by commas',
    'localhost,127.0.0.1',
  ),
  ERROR_CODES: z.enum(['standard', 'older']).default('standard'),
  STATUS_WORDS: z.enum(['documented', 'older']).default('documented'),
  COMPUTE_QUEUES: words(/^[a-z0-9]+$/, 'must be queue names separated by commas', 'default').refine(
    (queues) => queues.includes('default'),
    'must include default',
  ),
  RESOURCE_LIMITS: resourceLimits,
  CORS_ORIGINS: originsSchema,
  READ_LEASE: durationMs({ minMs: 200, maxMs: 60_000 }).default(2000),
});

/** @throws ConfigError naming every setting that is wrong. */
export function apiConfig(env: Environment): ApiConfig {
  const settings = loadConfig(settingsSchema, env);
  return {
    site: settings.PODS_SITE,
    prefix: settings.PODS_PREFIX,
    logLevel: settings.LOG_LEVEL,
    ops: { host: settings.OPS_HOST, port: settings.OPS_PORT },
    http: { host: settings.HTTP_HOST, port: settings.HTTP_PORT },
    nats: { url: settings.NATS_URL, seedFile: settings.NATS_NKEY_SEED_FILE },
    databaseUrl: settings.DATABASE_URL_FILE,
    identity: {
      tenantsUrl: settings.TENANTS_URL,
      securityUrl: settings.SECURITY_URL ?? settings.TENANTS_URL,
      adminRoles: settings.ADMIN_ROLES,
      internalHosts: settings.INTERNAL_HOSTS,
      serviceToken: settings.SERVICE_TOKEN_FILE,
    },
    errorCodes: settings.ERROR_CODES,
    statusWords: settings.STATUS_WORDS,
    limits: { resources: settings.RESOURCE_LIMITS, computeQueues: settings.COMPUTE_QUEUES },
    corsOrigins: settings.CORS_ORIGINS,
    leaseMs: settings.READ_LEASE,
  };
}
