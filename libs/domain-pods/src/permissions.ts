// Who may do what with one pod. Levels are ordered and each includes the lower ones (pods-api.md section 8).

export const levels = ['NONE', 'READ', 'USER', 'ADMIN', 'APPROVEDADMIN'] as const;
export type Level = (typeof levels)[number];

/** The caller of a command, as the token and the roles say. */
export interface Caller {
  readonly user: string;
  /** A service admin passes every check on objects. */
  readonly isServiceAdmin: boolean;
}

function parseEntry(entry: string): { readonly who: string; readonly level: Level } | undefined {
  const at = entry.lastIndexOf(':');
  const level = levels.find((known) => known === entry.slice(at + 1));
  if (at <= 0 || level === undefined) return undefined;
  return { who: entry.slice(0, at), level };
}

/** The higher of the user's own entry and the one for everybody, `*`; NONE without either (decisions.md, pods 8.2). */
export function levelOf(permissions: readonly string[], user: string): Level {
  let found: Level = 'NONE';
  for (const text of permissions) {
    const entry = parseEntry(text);
    if (entry === undefined || (entry.who !== user && entry.who !== '*')) continue;
    if (atLeast(entry.level, found)) found = entry.level;
  }
  return found;
}

/** Whether `level` includes `needed`. */
export function atLeast(level: Level, needed: Level): boolean {
  return levels.indexOf(level) >= levels.indexOf(needed);
}

export type Access = 'allowed' | 'forbidden' | 'invisible';

/** Invisible is what the caller may not even read: it is answered as if it did not exist. */
export function accessOf(permissions: readonly string[], caller: Caller, needed: Level): Access {
  if (caller.isServiceAdmin) return 'allowed';
  const level = levelOf(permissions, caller.user);
  if (atLeast(level, needed)) return 'allowed';
  return atLeast(level, 'READ') ? 'forbidden' : 'invisible';
}
