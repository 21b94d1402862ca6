// What the rendering of routes is told from outside.

export interface EdgeSettings {
  /** Traefik's entry point for everything public. */
  readonly entryPoint: string;
  /** Where Traefik reaches this app: splash and not-found pages. */
  readonly selfUrl: string;
  readonly apiUrl: string;
  /** The identity service, where the platform routes to it; undefined where tenants have hosts of their own. */
  readonly identityUrl?: string | undefined;
}

/** Higher wins. A pod's host always wins over paths of the API, so that no pod loses paths to it. */
export const priorities = { pod: 1000, api: 100, identity: 50, nothing: 1 } as const;
