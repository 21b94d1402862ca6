// The queryable copy of the log in Postgres: its shape, writing and reading it.
export * from './database.ts';
export * from './errors.ts';
export { apiGrants } from './migrations.ts';
export * from './pod-event-copy.ts';
export type { ReadSchema } from './schema.ts';
