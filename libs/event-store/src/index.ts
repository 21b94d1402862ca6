// Append-only histories: the port, command handling, replicas, followers and the JetStream adapter.
export * from './aggregate.ts';
export * from './handle-command.ts';
export * from './port.ts';
