// What a running platform says about itself in `<state>/platform.json`: where everything is that a spec may ask or look at.
import { z } from 'zod';

const platformInfoSchema = z.object({
  site: z.string(),
  /** Kubernetes namespace that pods run in. */
  namespace: z.string(),
  /** Port of Traefik's HTTPS entry. */
  edgePort: z.int(),
  tenants: z.array(z.object({ tenantId: z.string(), baseUrl: z.url(), host: z.string() })),
  /** Certificate authority of the edge, PEM. */
  caFile: z.string(),
  /** The api process itself, not through the edge. */
  apiUrl: z.url(),
  natsUrl: z.string(),
  /** File with the NKEY seed of the administrator. */
  natsAdminSeedFile: z.string(),
  /** File with the URL of the api's database role. */
  databaseUrlFile: z.string(),
  /** An administrator of the cluster. */
  kubeconfigFile: z.string(),
  /** Program and first arguments of kubectl. */
  kubectl: z.array(z.string()),
  stateDir: z.string(),
  logDir: z.string(),
  /** The apps, each a process of its own. Who it is now, `<stateDir>/run/<name>.json` knows. */
  processes: z.array(z.object({ name: z.string(), opsUrl: z.url() })),
});

export type PlatformInfo = z.infer<typeof platformInfoSchema>;

/** @throws when the text is not what a platform writes. */
export function parsePlatformInfo(text: string): PlatformInfo {
  return platformInfoSchema.parse(JSON.parse(text));
}
