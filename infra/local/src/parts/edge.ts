// Traefik as a part: its settings, and the certificates that people's programs see.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { stringify } from 'yaml';
import { putFile } from '../files/put-file.ts';
import { readIdentity, type Identity } from '../identity/identity-file.ts';
import { ensureAuthority, ensureCertificate } from '../pki/authority.ts';
import type { CertificateSpec } from '../pki/certificate.ts';
import type { Platform } from '../platform.ts';
import { probe } from '../process/probe.ts';
import type { Ports } from '../settings/settings.ts';
import type { BasicPrograms, Part } from './part.ts';

/** Certificate of the authority that whoever uses the platform has to trust. */
export const edgeAuthorityFile = ({ folders }: Platform): string => join(folders.edge, 'edge-ca.crt');

/** The certificate for every tenant's API and all of its pods. */
export const edgeCertificate = ({ siteHost, tenants }: Identity): CertificateSpec => ({
  file: 'edge',
  commonName: siteHost,
  names: [...new Set([siteHost, ...tenants.flatMap(({ host }) => [host, `*.pods.${host}`])])],
  usages: ['server'],
});

/** Makes sure of the edge's authority, which is apart from the cluster's, and of its certificate. */
export const ensureEdgePki = async ({ folders }: Platform, identity: Identity, now: Date): Promise<void> => {
  const authority = await ensureAuthority(folders.edge, { file: 'edge-ca', commonName: 'pods-local-edge' }, now);
  await ensureCertificate(folders.edge, authority, edgeCertificate(identity), now);
};

/** Where a file with certificates, and the log of requests, are. */
export type EdgeFiles = { readonly certificates: string; readonly accessLog: string };

/** Static settings: one HTTPS entry point, routes from auth-forward, certificates from a file. */
export const renderEdge = (ports: Ports, { certificates, accessLog }: EdgeFiles): string =>
  stringify({
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    log: { level: 'INFO', format: 'json' },
    accessLog: { filePath: accessLog, format: 'json' },
    entryPoints: {
      // A program behind it may take X_User or X.User for X-User, which only the edge may say.
      web: { address: `127.0.0.1:${ports.edge}`, http: { tls: {}, aliasHeadersStrategy: 'delete' } },
      ops: { address: `127.0.0.1:${ports.edgeOps}` },
    },
    // Packets to a Service that was just removed are dropped: without this a request to a pod that is being started
    // again hangs for 30 s. Everything behind Traefik is on this machine.
    serversTransport: { forwardingTimeouts: { dialTimeout: '2s' } },
    ping: { entryPoint: 'ops' },
    metrics: { prometheus: { entryPoint: 'ops' } },
    providers: {
      // A route answers as soon after its pod is AVAILABLE as these two times and the poll itself take.
      providersThrottleDuration: '100ms',
      http: {
        endpoint: `http://127.0.0.1:${ports.authForward}/traefik-config`,
        pollInterval: '500ms',
        pollTimeout: '5s',
      },
      file: { filename: certificates, watch: true },
    },
  });

const renderCertificates = (folder: string): string => {
  const pair = { certFile: join(folder, 'edge.crt'), keyFile: join(folder, 'edge.key') };
  return stringify({ tls: { certificates: [pair], stores: { default: { defaultCertificate: pair } } } });
};

const handshake = async (port: number, ca: string, servername: string): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host: '127.0.0.1', port, ca, servername, timeout: 2_000 }, resolve);
  socket.on('error', reject);
  socket.on('timeout', () => {
    reject(new Error(`no answer on port ${port}`));
  });
  try {
    await promise;
  } finally {
    socket.destroy();
  }
};

/** Traefik. */
export const edge: Part<BasicPrograms> = {
  name: 'traefik',
  title: 'Traefik',
  ports: ({ settings }) => [settings.ports.edge, settings.ports.edgeOps],
  readyMs: 30_000,
  prepare: async ({ folders, settings }, programs) => {
    const file = join(folders.conf, 'traefik.yaml');
    const certificates = join(folders.conf, 'traefik-certificates.yaml');
    await putFile(certificates, renderCertificates(folders.edge));
    await putFile(
      file,
      renderEdge(settings.ports, { certificates, accessLog: join(folders.log, 'traefik-access.log') }),
    );
    return {
      name: 'traefik',
      program: programs.traefik,
      args: [`--configFile=${file}`],
      files: [file, certificates, join(folders.edge, 'edge.crt')],
    };
  },
  check: async (platform) => {
    const { settings } = platform;
    const identity = await readIdentity(settings);
    await probe(`http://127.0.0.1:${settings.ports.edgeOps}/ping`);
    await handshake(settings.ports.edge, await readFile(edgeAuthorityFile(platform), 'utf8'), identity.tenants[0].host);
  },
};
