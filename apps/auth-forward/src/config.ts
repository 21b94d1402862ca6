// Settings of this app, from the environment that main.ts hands in.
import type { Environment } from '@pods/service';
import { commonSettings, durationMs, httpSettings, loadConfig, natsSettings, urlSchema } from '@pods/service';
import { z } from 'zod';

const backendsSchema = z.strictObject({
  api: urlSchema(),
  self: urlSchema(),
  identity: urlSchema().optional(),
});

const jsonText = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.issues.push({ code: 'custom', message: 'must be JSON', input: undefined });
    return z.NEVER;
  }
});

const schema = z.object({
  ...commonSettings,
  ...natsSettings,
  ...httpSettings,
  TENANTS_URL: urlSchema(),
  TRAEFIK_BACKENDS: jsonText.pipe(backendsSchema),
  TRAEFIK_ENTRY_POINT: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .default('web'),
  EDGE_STATE_DIR: z.string(),
  TENANTS_REFRESH: durationMs({ minMs: 1000 }).default(60_000),
});

export type Config = z.output<typeof schema>;

/** @throws ConfigError naming every bad setting. */
export function readConfig(env: Environment): Readonly<Config> {
  return loadConfig(schema, env);
}
