// One RSA key pair per tenant, made once and kept in the state folder, so that tokens outlive a restart.
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createOnce, readIfThere } from '../state-files.ts';

export interface TenantKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** PEM, SubjectPublicKeyInfo, as the Tenants API publishes it. */
  readonly publicPem: string;
}

const generate = promisify(generateKeyPair);

/** The keys of a tenant; two processes that make them at once end up with the same ones. */
export async function loadKeys(stateDir: string, tenantId: string): Promise<TenantKeys> {
  const folder = join(stateDir, 'keys');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${tenantId}.pem`);
  const privateKey = createPrivateKey((await readIfThere(path)) ?? (await create(path)));
  const publicKey = createPublicKey(privateKey);
  return { privateKey, publicKey, publicPem: publicKey.export({ type: 'spki', format: 'pem' }) };
}

async function create(path: string): Promise<string> {
  const { privateKey } = await generate('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  if (await createOnce(path, pem)) return pem;
  const other = await readIfThere(path);
  if (other === undefined) throw new Error(`${path} was removed while it was made`);
  return other;
}
