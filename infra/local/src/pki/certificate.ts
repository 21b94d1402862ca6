// What a certificate says, and whether one on disk still says it. Signs nothing.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate to be had. Names may be host names (also with `*.` in front) or IPv4 addresses. */
export type CertificateSpec = {
  /** Name of its two files, without ending. */
  readonly file: string;
  readonly commonName: string;
  readonly organization?: string;
  readonly names?: readonly string[];
  readonly usages: readonly ('server' | 'client')[];
};

/** A certificate and its private key, as PEM texts. */
export type KeyPair = { readonly certificate: string; readonly key: string };

const RENEW_BEFORE_DAYS = 30;
const DAY_MS = 86_400_000;

/** Object identifiers of RFC 5280, section 4.2.1.12. */
const usageIds = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

/** The extended key usages of a certificate, as object identifiers. */
export const usageIdsOf = (spec: CertificateSpec): readonly string[] => spec.usages.map((usage) => usageIds[usage]);

const describe = (spec: CertificateSpec): string => {
  const organization = spec.organization === undefined ? '' : `O=${spec.organization}\n`;
  const names = (spec.names ?? []).map((name) => (isIP(name) === 0 ? `DNS:${name}` : `IP Address:${name}`));
  return JSON.stringify([`${organization}CN=${spec.commonName}`, names.toSorted(), usageIdsOf(spec).toSorted()]);
};

const describeFound = ({ subject, subjectAltName, keyUsage }: X509Certificate): string =>
  JSON.stringify([
    subject,
    (subjectAltName ?? '')
      .split(', ')
      .filter((name) => name !== '')
      .toSorted(),
    [...keyUsage].toSorted(),
  ]);

const lastsLongEnough = (certificate: X509Certificate, now: Date): boolean =>
  certificate.validToDate.getTime() - now.getTime() > RENEW_BEFORE_DAYS * DAY_MS;

/** Whether a pair found on disk can be used as an authority: its halves fit, and it is valid for another month. */
export const isUsableAuthority = ({ certificate, key }: KeyPair, now: Date): boolean => {
  try {
    const parsed = new X509Certificate(certificate);
    return parsed.ca && parsed.checkPrivateKey(createPrivateKey(key)) && lastsLongEnough(parsed, now);
  } catch {
    return false;
  }
};

/** Whether a pair found on disk is what the specification asks for, signed by this authority, valid for another month. */
export const isUsable = (pair: KeyPair, spec: CertificateSpec, authority: string, now: Date): boolean => {
  try {
    const parsed = new X509Certificate(pair.certificate);
    const fits =
      parsed.checkPrivateKey(createPrivateKey(pair.key)) && parsed.verify(new X509Certificate(authority).publicKey);
    return fits && lastsLongEnough(parsed, now) && describeFound(parsed) === describe(spec);
  } catch {
    return false;
  }
};
