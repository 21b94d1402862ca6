// Renders the NATS users for given public keys.
import { fromPublic } from '@nats-io/nkeys';
import { renderNatsAuthorization } from '../nats/authorization.ts';
import { natsUsers } from '../nats/users.ts';
import type { UsersLine } from './command-line.ts';
import type { Report } from './report.ts';
import { Refusal } from './report.ts';

/** @throws Refusal for a key that is no public key of a user; the key is not repeated, it may be a seed */
export function runUsers({ names, publicKeys }: UsersLine): Report {
  const users = natsUsers(names).map((user) => ({ ...user, publicKey: publicKeys.get(user.name) ?? '' }));
  for (const { name, publicKey } of users) {
    if (isPublicKey(publicKey)) continue;
    const message = `The key of ${name} is no public NKEY of a user: those begin with U. A seed begins with SU and stays secret.`;
    throw new Refusal('nats_key_invalid', message);
  }
  const configuration = renderNatsAuthorization(users);
  return { lines: [configuration.trimEnd()], json: { configuration }, settled: true };
}

/** The checksum in the key finds a mistyped one, which would keep the server from starting. */
function isPublicKey(text: string): boolean {
  try {
    return text.startsWith('U') && fromPublic(text).getPublicKey() === text;
  } catch {
    return false;
  }
}
