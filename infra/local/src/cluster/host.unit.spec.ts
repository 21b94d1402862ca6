// Guarantees about what is read from and told to the machine.
import { describe, expect, it } from 'vitest';
import { parseSettings } from '../settings/settings.ts';
import { clusterCertificates } from './certificates.ts';
import { hierarchiesOf } from './cgroups.ts';
import { mountsBelow } from './mounts.ts';
import { renderPlugins, renderRules } from './network.ts';

const settings = parseSettings({}, '/');

describe('mountsBelow', () => {
  const mounts = [
    'proc /proc proc rw 0 0',
    'overlay /s/run/a/rootfs overlay rw 0 0',
    'tmpfs /s/kubelet/with\\040blank tmpfs rw 0 0',
    'tmpfs /s/run/a tmpfs rw 0 0',
    'tmpfs /s/run/a tmpfs rw 0 0',
    'tmpfs /state/x tmpfs rw 0 0',
    'tmpfs /s tmpfs rw 0 0',
  ].join('\n');

  it('lists what lies in a folder, the innermost first, one entry for each mount', () => {
    expect(mountsBelow(mounts, '/s')).toEqual(['/s/run/a/rootfs', '/s/run/a', '/s/run/a', '/s/kubelet/with blank']);
  });

  it('leaves alone what only begins the same, and the folder itself', () => {
    expect(mountsBelow('tmpfs /s2/a t\ntmpfs /s t', '/s')).toEqual([]);
  });
});

describe('hierarchiesOf', () => {
  it('finds those of version 1 and the one of version 2', () => {
    const mounts =
      'cgroup /sys/fs/cgroup/cpu cgroup rw\ntmpfs /sys/fs/cgroup tmpfs rw\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw\n';
    expect(hierarchiesOf(mounts)).toEqual(['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/unified']);
  });
});

describe('network', () => {
  it('changes the sender only of what leaves the networks of the cluster', () => {
    expect(renderRules(settings.network)).toContain(
      'ip saddr 198.18.0.0/16 ip daddr != { 198.18.0.0/16, 198.19.0.0/16 } oifname != "pods0" masquerade',
    );
  });

  it('replaces its own rules when it is applied again', () => {
    expect(renderRules(settings.network)).toMatch(
      /^table ip pods_platform\ndelete table ip pods_platform\ntable ip pods_platform \{/,
    );
  });

  it('gives pods addresses of their range, and nobody the first', () => {
    expect(JSON.parse(renderPlugins(settings.network, '/d'))).toMatchObject({
      plugins: [
        { bridge: 'pods0', ipMasq: false, ipam: { ranges: [[{ subnet: '198.18.0.0/16', gateway: '198.18.0.1' }]] } },
      ],
    });
  });
});

describe('certificates', () => {
  const specs = clusterCertificates(settings);

  it('give the power over everything to the administrator and to nobody else who signs in', () => {
    const masters = specs.filter(({ organization }) => organization === 'system:masters').map(({ file }) => file);
    expect(masters).toEqual(['apiserver-kubelet', 'admin']);
  });

  it('let no client pose as a server', () => {
    const servers = specs.filter(({ usages }) => usages.includes('server')).map(({ file }) => file);
    expect(servers).toEqual(['etcd', 'apiserver', 'kubelet']);
  });

  it('name the API server as pods and people do', () => {
    expect(specs.find(({ file }) => file === 'apiserver')?.names).toEqual(
      expect.arrayContaining(['127.0.0.1', '198.19.0.1', 'kubernetes.default.svc']),
    );
  });
});
