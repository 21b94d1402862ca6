// Append-only histories: the port, command handling, replicas, followers and the JetStream adapter.
export * from './aggregate.ts';
export * from './fold.ts';
export * from './handle-command.ts';
export * from './hash.ts';
export * from './load.ts';
export * from './pod-writer.ts';
export * from './port.ts';
export { encodeEvent, eventHeaders, unreadableType } from './wire.ts';
export * from './history-names.ts';
export * from './nats/nats-log.ts';
export * from './nats/stream-identity.ts';
export * from './replica/create-replica.ts';
export * from './replica/replica.ts';
export * from './replica/snapshot-writer.ts';
export * from './follower/create-follower.ts';
export type { FollowerTrouble } from './follower/handle-batch.ts';
export * from './follower/outcome.ts';
export * from './follower/poison-records.ts';
