// vitest's global set-up of the e2e level.

/** Not there yet: the level has no specs. */
export function setup(): void {
  throw new Error('the e2e level needs the local platform, which cannot be started yet');
}
