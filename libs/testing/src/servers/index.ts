// The door for programs that are no specs: real servers and the whole platform, without the test runner.
export { type EventuallyOptions, eventually } from '../eventually.ts';
export { logTails } from '../log-tails.ts';
export { findProgram } from '../programs.ts';
export { type PlatformInfo, parsePlatformInfo } from '../platform-info.ts';
export { freePort } from './free-port.ts';
export { startKubeApiServer } from './kube-api-server.ts';
export { type NatsServer, type NatsServerOptions, startNatsServer } from './nats-server.ts';
export { platformLogs, startPlatform } from './platform.ts';
export { startPostgres } from './postgres-server.ts';
export { type Guard, type GuardedProcess, type StartOptions, startGuard } from './start-guard.ts';
