// A certificate authority in a folder: makes what is missing, wrong or about to run out, and keeps the rest.
// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 asks for this polyfill to be loaded before it
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type Extension,
} from '@peculiar/x509';
import { putFile, putSecret, readIfThere } from '../files/put-file.ts';
import { isUsable, isUsableAuthority, usageIdsOf, type CertificateSpec, type KeyPair } from './certificate.ts';

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
/** No longer than what browsers take from a server. */
const LEAF_DAYS = 397;
/** Clocks that go a little wrong must not make a new certificate invalid. */
const BACKDATE_MS = 3_600_000;

const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** An authority that can sign. */
export type Authority = {
  readonly certificate: string;
  readonly issuer: X509Certificate;
  readonly signingKey: webcrypto.CryptoKey;
};

const newKeys = async (): Promise<webcrypto.CryptoKeyPair> =>
  await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);

const keyPem = async (key: webcrypto.CryptoKey): Promise<string> =>
  `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;

/** Positive and never the same: the first bit is off. */
const serialNumber = (): string => `01${randomBytes(15).toString('hex')}`;

const validity = (now: Date, days: number): { readonly notBefore: Date; readonly notAfter: Date } => ({
  notBefore: new Date(now.getTime() - BACKDATE_MS),
  notAfter: new Date(now.getTime() + days * DAY_MS),
});

const readPair = async (folder: string, file: string): Promise<KeyPair | undefined> => {
  const [certificate, key] = await Promise.all([
    readIfThere(join(folder, `${file}.crt`)),
    readIfThere(join(folder, `${file}.key`)),
  ]);
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
};

const writePair = async (folder: string, file: string, { certificate, key }: KeyPair): Promise<void> => {
  // When only one of the two gets written they do not fit each other, which the next start sees.
  await putSecret(join(folder, `${file}.key`), key);
  await putFile(join(folder, `${file}.crt`), certificate);
};

const makeAuthority = async (commonName: string, now: Date): Promise<KeyPair> => {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: SIGNATURE,
    ...validity(now, AUTHORITY_DAYS),
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await keyPem(keys.privateKey) };
};

/** An authority to be had: its name, and that of its two files without ending. */
export type AuthoritySpec = { readonly file: string; readonly commonName: string };

/**
 * The authority of a folder; made when there is none that can be used. A new one makes all certificates of the old one
 * unusable, so that they are made again as well.
 */
export const ensureAuthority = async (folder: string, spec: AuthoritySpec, now: Date): Promise<Authority> => {
  const { file, commonName } = spec;
  const found = await readPair(folder, file);
  const pair = found !== undefined && isUsableAuthority(found, now) ? found : await makeAuthority(commonName, now);
  await writePair(folder, file, pair);
  const signingKey = await webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pair.key), KEY, false, [
    'sign',
  ]);
  return { certificate: pair.certificate, issuer: new X509Certificate(pair.certificate), signingKey };
};

const extensionsOf = async (
  authority: Authority,
  spec: CertificateSpec,
  publicKey: webcrypto.CryptoKey,
): Promise<Extension[]> => {
  const names = (spec.names ?? []).map((value) => ({
    type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const),
    value,
  }));
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([...usageIdsOf(spec)]),
    await SubjectKeyIdentifierExtension.create(publicKey),
    await AuthorityKeyIdentifierExtension.create(authority.issuer),
    ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
  ];
};

const sign = async (authority: Authority, spec: CertificateSpec, now: Date): Promise<KeyPair> => {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [...(spec.organization === undefined ? [] : [{ O: [spec.organization] }]), { CN: [spec.commonName] }],
    issuer: authority.issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: authority.signingKey,
    signingAlgorithm: SIGNATURE,
    ...validity(now, LEAF_DAYS),
    extensions: await extensionsOf(authority, spec, keys.publicKey),
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await keyPem(keys.privateKey) };
};

/** The certificate of a specification, in `<file>.crt` and `<file>.key` of the folder. */
export const ensureCertificate = async (
  folder: string,
  authority: Authority,
  spec: CertificateSpec,
  now: Date,
): Promise<KeyPair> => {
  const found = await readPair(folder, spec.file);
  if (found !== undefined && isUsable(found, spec, authority.certificate, now)) return found;
  const made = await sign(authority, spec, now);
  await writePair(folder, spec.file, made);
  return made;
};

/** A key pair without a certificate, in `<file>.key` and `<file>.pub`: Kubernetes signs service-account tokens with it. */
export const ensureSigningKey = async (folder: string, file: string): Promise<void> => {
  const names = [join(folder, `${file}.key`), join(folder, `${file}.pub`)] as const;
  if ((await readIfThere(names[1])) !== undefined) return;
  const keys = await newKeys();
  await putSecret(names[0], await keyPem(keys.privateKey));
  // Written last: its presence says that both are there.
  await putFile(
    names[1],
    `${PemConverter.encode(await webcrypto.subtle.exportKey('spki', keys.publicKey), 'PUBLIC KEY')}\n`,
  );
};
