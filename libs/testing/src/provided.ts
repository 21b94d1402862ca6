// What the global set-ups hand to specs, as inject('...') of vitest knows it.
import type { PlatformInfo } from './platform-info.ts';
import type { NatsSource } from './server-sources.ts';

/** The servers that all int specs of a run share. */
export interface IntServers {
  /** A nats-server with JetStream. */
  readonly natsUrl: string;
  /** What `natsServerFixture` makes servers of. */
  readonly natsSource: NatsSource;
  /** The superuser of a Postgres. */
  readonly postgresUrl: string;
  /** Path of an administrator's kubeconfig for a Kubernetes API server. */
  readonly kubeconfigFile: string;
}

/** The platform that all e2e specs of a run share. */
export interface E2ePlatform {
  readonly platform: PlatformInfo;
}

declare module 'vitest' {
  interface ProvidedContext extends IntServers, E2ePlatform {}
}
