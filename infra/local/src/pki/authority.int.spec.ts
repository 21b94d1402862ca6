// Guarantees about certificates, checked by Node's own TLS on real connections.
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ensureAuthority, ensureCertificate, type Authority } from './authority.ts';
import type { CertificateSpec, KeyPair } from './certificate.ts';

const NOW = new Date();
const DAY_MS = 86_400_000;
const server: CertificateSpec = {
  file: 'web',
  commonName: 'web',
  names: ['*.pods.dev.localhost', '127.0.0.1'],
  usages: ['server'],
};
const client: CertificateSpec = { file: 'me', commonName: 'me', organization: 'us', usages: ['client'] };

let folder = '';
let authority: Authority;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pods-pki-'));
  authority = await ensureAuthority(folder, { file: 'ca', commonName: 'spec-ca' }, NOW);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

type Peer = { readonly pair: KeyPair; readonly name: string; readonly ca?: string };

const portOf = (listening: Server): number => {
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
};

/** One mutual TLS connection; what the server saw of the client, or the error of either side. */
const handshake = async (serverPair: KeyPair, { pair, name, ca = authority.certificate }: Peer): Promise<string> => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const listening = createServer({
    key: serverPair.key,
    cert: serverPair.certificate,
    ca: authority.certificate,
    requestCert: true,
    // Judged below, where the reason can be seen.
    rejectUnauthorized: false,
  });
  listening.on('tlsClientError', (error) => {
    resolve(String(error));
  });
  listening.on('secureConnection', (accepted) => {
    const { subject } = accepted.getPeerCertificate();
    accepted.end();
    resolve(accepted.authorized ? `${String(subject.O)}/${String(subject.CN)}` : String(accepted.authorizationError));
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const socket = connect({
    port: portOf(listening),
    host: '127.0.0.1',
    servername: name,
    ca,
    key: pair.key,
    cert: pair.certificate,
  });
  socket.on('error', (error) => {
    resolve(String(error));
  });
  try {
    return await promise;
  } finally {
    socket.destroy();
    listening.close();
  }
};

it('lets two that trust the same authority talk, under a name of the certificate', async () => {
  const serverPair = await ensureCertificate(folder, authority, server, NOW);
  const pair = await ensureCertificate(folder, authority, client, NOW);
  expect(await handshake(serverPair, { pair, name: 'docpod.pods.dev.localhost' })).toBe('us/me');
});

it('is not believed under another name, by another authority, or as a client when it is for servers', async () => {
  const serverPair = await ensureCertificate(folder, authority, server, NOW);
  const pair = await ensureCertificate(folder, authority, client, NOW);
  expect(await handshake(serverPair, { pair, name: 'a.b.pods.dev.localhost' })).toMatch(/Hostname\/IP does not match/);
  const other = await ensureAuthority(join(folder, 'other'), { file: 'ca', commonName: 'other-ca' }, NOW);
  expect(await handshake(serverPair, { pair, name: 'x.pods.dev.localhost', ca: other.certificate })).toMatch(
    /self-signed certificate in certificate chain|unable to/,
  );
  expect(await handshake(serverPair, { pair: serverPair, name: 'x.pods.dev.localhost' })).toMatch(/INVALID_PURPOSE/);
});

it('keeps what can still be used, byte by byte', async () => {
  const first = await ensureCertificate(folder, authority, server, NOW);
  const again = await ensureAuthority(folder, { file: 'ca', commonName: 'spec-ca' }, new Date(NOW.getTime() + DAY_MS));
  expect(again.certificate).toBe(authority.certificate);
  expect(await ensureCertificate(folder, again, server, new Date(NOW.getTime() + 300 * DAY_MS))).toEqual(first);
});

it.each([
  ['other names are asked for', async () => ({ spec: { ...server, names: ['*.pods.lab.localhost'] }, now: NOW })],
  ['another use is asked for', async () => ({ spec: { ...server, usages: ['server', 'client'] as const }, now: NOW })],
  ['it runs out within a month', async () => ({ spec: server, now: new Date(NOW.getTime() + 370 * DAY_MS) })],
  [
    'its key is another one',
    async () => {
      await writeFile(join(folder, 'web.key'), await readFile(join(folder, 'ca.key')));
      return { spec: server, now: NOW };
    },
  ],
  [
    'a file is damaged',
    async () => {
      await writeFile(join(folder, 'web.crt'), 'not a certificate');
      return { spec: server, now: NOW };
    },
  ],
])('makes a certificate again when %s', async (_, change) => {
  const before = await ensureCertificate(folder, authority, server, NOW);
  const { spec, now } = await change();
  const after = await ensureCertificate(folder, authority, spec, now);
  expect(after.certificate).not.toBe(before.certificate);
  const { publicKey } = new X509Certificate(authority.certificate);
  expect(new X509Certificate(after.certificate).verify(publicKey)).toBe(true);
});

it('makes everything again when the authority has to be made again', async () => {
  const before = await ensureCertificate(folder, authority, server, NOW);
  await rm(join(folder, 'ca.key'));
  const next = await ensureAuthority(folder, { file: 'ca', commonName: 'spec-ca' }, NOW);
  const after = await ensureCertificate(folder, next, server, NOW);
  expect(after.certificate).not.toBe(before.certificate);
});

it('lets nobody but the owner read a key', async () => {
  await ensureCertificate(folder, authority, server, NOW);
  for (const file of ['ca.key', 'web.key']) expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
});
