// Builders for specs of this domain and of those who use it.
export * from './builders.ts';
export * from './scenario.ts';
