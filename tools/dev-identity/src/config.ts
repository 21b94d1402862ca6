// The settings of the process. It reads no environment: main.ts hands it in.
import { resolve } from 'node:path';
import { commonSettings, durationMs, httpSettings, loadConfig, portSchema, type Environment } from '@pods/service';
import { z } from 'zod';

const schema = z
  .object({
    ...commonSettings,
    ...httpSettings,
    PODS_ENV: z.string('must be development').refine((name) => name !== 'production', {
      message: 'must not be production: this program knows the passwords of everybody; use a real Tapis tenant there',
    }),
    IDENTITY_FILE: z.string().default(resolve(import.meta.dirname, '..', 'identity.yaml')),
    IDENTITY_STATE_DIR: z.string('must name a folder for the signing keys'),
    EDGE_PORT: portSchema().prefault('8443'),
    ACCESS_TOKEN_LIFE: durationMs({ minMs: 1000 }).prefault('4h'),
    REFRESH_TOKEN_LIFE: durationMs({ minMs: 1000 }).prefault('30d'),
  })
  .transform((env) => ({
    site: env.PODS_SITE,
    logLevel: env.LOG_LEVEL,
    http: { host: env.HTTP_HOST, port: env.HTTP_PORT },
    ops: { host: env.OPS_HOST, port: env.OPS_PORT },
    identityFile: env.IDENTITY_FILE,
    stateDir: env.IDENTITY_STATE_DIR,
    edgePort: env.EDGE_PORT,
    lifeMs: { access: env.ACCESS_TOKEN_LIFE, refresh: env.REFRESH_TOKEN_LIFE },
  }));

export type Config = Readonly<z.output<typeof schema>>;

/** @throws ConfigError naming every bad setting; also when asked to run in production. */
export function readConfig(env: Environment): Config {
  return loadConfig(schema, env);
}
