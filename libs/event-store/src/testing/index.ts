// For specs: the in-memory twins, and the suite that every event log must pass.
export * from '../memory/memory-log.ts';
export * from '../memory/memory-replica.ts';
export * from './event-log-contract.ts';
export * from './tally.ts';
