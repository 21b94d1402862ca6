// Which servers are taken.
import { describe, expect, it } from 'vitest';
import { checkPostgresVersion, PostgresTooOldError } from './compare-postgres.ts';

describe('the Postgres version', () => {
  it.for(['13.0', '14.9 (Debian 14.9-1)', '18beta1', '18.4'])('%s is taken', (version) => {
    expect(() => checkPostgresVersion(version)).not.toThrow();
  });

  it.for(['12.22', '9.6.24', 'unknown'])('%s is refused and named', (version) => {
    expect(() => checkPostgresVersion(version)).toThrow(PostgresTooOldError);
    expect(() => checkPostgresVersion(version)).toThrow(`version ${version}; 13 or newer`);
  });
});
