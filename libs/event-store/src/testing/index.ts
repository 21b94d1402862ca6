// For specs: the in-memory twin and the suite that every event log must pass.
export * from '../memory/memory-log.ts';
