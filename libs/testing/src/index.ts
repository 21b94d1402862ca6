// Fixtures for int and e2e specs. The servers themselves are started by int-setup.ts and e2e-setup.ts.
export { freePort } from './servers/free-port.ts';
export { type EventuallyOptions, eventually } from './eventually.ts';
export { freshDatabase, freshNamespace, freshPrefix } from './fresh.ts';
export {
  canMountDisks,
  type NatsOnSmallDisk,
  natsOnSmallDisk,
  type NatsServerFixture,
  natsServerFixture,
} from './nats-server-fixture.ts';
export type { PlatformInfo } from './platform-info.ts';
export type { SmallDisk } from './servers/small-disk.ts';
export { pythonSetupMs, pythonWithTapipy } from './python/python-environment.ts';
export type { E2ePlatform, IntServers } from './provided.ts';
