// The pod domain: pure functions and types. No I/O, no clock, no randomness.
export * from './action-log.ts';
export * from './aggregate.ts';
export * from './commands.ts';
export type { CommandContext, Decision } from './decide.ts';
export * from './permissions.ts';
export type { EventMeta } from './evolve.ts';
export { evolve } from './evolve.ts';
export * from './instant.ts';
export * from './state.ts';
export * from './tombstone.ts';
export * from './view.ts';
