// What must exist before the apps start, and who may do what there.
export * from './nats/definitions.ts';
export * from './nats/provision-nats.ts';
