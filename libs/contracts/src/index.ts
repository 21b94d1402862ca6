// What apps agree on: names, events, envelope. No I/O.
export * from './container-status.ts';
export * from './emitters.ts';
export * from './envelope.ts';
export * from './ids.ts';
export * from './pod-definition.ts';
export * from './pod-events.ts';
export * from './topology.ts';
