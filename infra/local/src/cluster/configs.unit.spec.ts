// Guarantees about the settings files of the cluster's daemons.
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { foldersOf } from '../platform.ts';
import { parseSettings } from '../settings/settings.ts';
import {
  apiServerArguments,
  nameserversOf,
  renderContainerd,
  renderCorefile,
  renderEtcd,
  renderKubelet,
  renderProxy,
  renderRegistryHost,
} from './configs.ts';

const folders = foldersOf('/s');
const settings = parseSettings({ portKubernetes: '7443', portEtcd: '3379', podCidr: '10.9.0.0/20' }, '/');
const read = (text: string) => z.record(z.string(), z.unknown()).parse(parse(text));

describe('kubelet', () => {
  const kubelet = read(renderKubelet(folders, settings));

  it('keeps its pods in our own control group, and never evicts for a nearly full disk', () => {
    expect(kubelet).toMatchObject({
      cgroupRoot: '/pods-platform',
      cgroupDriver: 'cgroupfs',
      imageGCHighThresholdPercent: 100,
    });
  });

  it('lets nobody in without a certificate or a token', () => {
    expect(kubelet).toMatchObject({
      authentication: { anonymous: { enabled: false }, x509: { clientCAFile: '/s/pki/cluster/ca.crt' } },
      authorization: { mode: 'Webhook' },
      address: '10.9.0.1',
      clusterDNS: ['10.9.0.1'],
    });
  });
});

describe('API server', () => {
  it('listens where the settings say, and asks roles about everything', () => {
    const args = apiServerArguments(folders, settings);
    expect(args).toContain('--secure-port=7443');
    expect(args).toContain('--etcd-servers=https://127.0.0.1:3379');
    expect(args).toContain('--authorization-mode=Node,RBAC');
    expect(args.filter((arg) => arg.includes('anonymous'))).toEqual([]);
  });
});

describe('etcd', () => {
  it('takes only clients with a certificate, and listens on this machine alone', () => {
    const etcd = read(renderEtcd(folders, settings));
    expect(etcd).toMatchObject({ 'client-transport-security': { 'client-cert-auth': true } });
    for (const key of ['listen-client-urls', 'listen-peer-urls']) expect(etcd[key]).toMatch(/\/\/127\.0\.0\.1:/);
  });

  it('keeps fsync on', () => {
    expect(renderEtcd(folders, settings)).not.toContain('fsync');
  });
});

describe('kube-proxy', () => {
  it('needs no iptables', () => {
    expect(read(renderProxy(folders, settings, 'node-1'))).toMatchObject({
      mode: 'nftables',
      clusterCIDR: '10.9.0.0/20',
    });
  });
});

describe('containerd', () => {
  const programs = { runc: '/usr/sbin/runc', cniPlugins: '/usr/lib/cni' };

  it.each([1, 2] as const)('keeps everything in the state folder (major version %d)', (majorVersion) => {
    const text = renderContainerd(folders, { ...programs, majorVersion });
    expect(text).toMatch(majorVersion === 1 ? /^version = 2$/m : /^version = 3$/m);
    for (const [, path] of text.matchAll(/^\s*(?:root|state|address|Root|config_path|conf_dir) = "(.*)"$/gm))
      expect(path).toMatch(/^\/s\//);
    expect(text).toContain('pods.local/pause:1');
  });

  it('asks the local registry for local images, and no other place', () => {
    const text = renderRegistryHost(5001);
    const hosts = [...text.matchAll(/"(http[^"]+)"/g)].map(([, url]) => url);
    expect(new Set(hosts)).toEqual(new Set(['http://127.0.0.1:5001']));
    // Without it a tag that the registry lacks is asked for at the name itself, and its "no such host" is what people read.
    expect(text).toMatch(/^server = /);
  });
});

describe('cluster DNS', () => {
  it('asks the name servers of the machine for other names', () => {
    expect(nameserversOf('# x\nsearch a\nnameserver 1.2.3.4\nnameserver ::1\n')).toEqual(['1.2.3.4', '::1']);
    expect(renderCorefile(folders, settings, ['1.2.3.4'])).toMatch(/bind 10\.9\.0\.1[^]*forward \. 1\.2\.3\.4\n}\n$/);
  });

  it('starts on a machine that has none', () => {
    expect(renderCorefile(folders, settings, [])).not.toContain('forward');
  });
});
