// Passwords that are made once and kept.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { putSecret, readIfThere } from './put-file.ts';

/** A password in a file of its own in a folder for secrets; made if it is not there. */
export const ensurePassword = async (
  { folders }: { readonly folders: { readonly secrets: string } },
  name: string,
): Promise<string> => {
  const file = join(folders.secrets, `${name}.password`);
  const found = (await readIfThere(file))?.trim();
  if (found !== undefined && found !== '') return found;
  const password = randomBytes(24).toString('base64url');
  await putSecret(file, `${password}\n`);
  return password;
};
