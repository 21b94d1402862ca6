// Which tokens were revoked: one small file per token id in the state folder, removed once the token has expired anyway.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Revocations {
  readonly revoke: (jti: string, expiresAtMs: number) => Promise<void>;
  readonly isRevoked: (jti: string) => Promise<boolean>;
}

/** Opens the folder and forgets what has expired by `nowMs`. */
export async function openRevocations(stateDir: string, nowMs: number): Promise<Revocations> {
  const folder = join(stateDir, 'revoked');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    const expiresAtMs = Number(await readFile(join(folder, name), 'utf8').catch(() => '0'));
    if (expiresAtMs < nowMs) await rm(join(folder, name), { force: true });
  }
  // Hashed, because an id comes out of a token and becomes a file name.
  const pathOf = (jti: string): string => join(folder, createHash('sha256').update(jti).digest('hex'));
  return {
    revoke: async (jti, expiresAtMs) => {
      await writeFile(pathOf(jti), String(expiresAtMs));
    },
    isRevoked: async (jti) => (await stat(pathOf(jti)).catch(() => undefined)) !== undefined,
  };
}
