// Guarantees about settings: what is refused, what is derived, and how a setting is named.
import { describe, expect, it } from 'vitest';
import { addressAt, overlap } from './addresses.ts';
import { flagOf, settingNames, variableOf } from './schema.ts';
import { parseSettings } from './settings.ts';
import { fromEnvironment } from './sources.ts';

describe('parseSettings', () => {
  it('needs nothing given', () => {
    const settings = parseSettings({}, '/home/me');
    expect(settings.stateFolder).toBe('/home/me/.pods');
    expect(settings.programsFolder).toBeUndefined();
    expect(settings.identityFile).toMatch(/\/tools\/dev-identity\/identity\.yaml$/);
    expect(settings.network).toMatchObject({
      nodeAddress: '198.18.0.1',
      apiServiceAddress: '198.19.0.1',
      prefixBits: 16,
    });
  });

  it('takes texts, as flags and variables are', () => {
    const settings = parseSettings({ portNats: '4333', podCidr: '198.18.32.0/20', identityFile: 'mine.yaml' }, '/');
    expect(settings.ports.nats).toBe(4333);
    expect(settings.network.nodeAddress).toBe('198.18.32.1');
    expect(settings.identityFile).toBe('/mine.yaml');
  });

  it('takes an existing cluster by its kubeconfig, from the folder where it is given', () => {
    const { kubeconfig, edgeCidrs } = parseSettings(
      { kubeconfig: 'k', context: 'c', edgeCidrs: 'a::/64,1.1.1.1/32' },
      '/here',
    );
    expect(kubeconfig).toEqual({ file: '/here/k', context: 'c' });
    expect(edgeCidrs).toEqual(['a::/64', '1.1.1.1/32']);
    expect(parseSettings({}, '/').kubeconfig).toBeUndefined();
  });

  it.each([
    [{ portNats: '70000' }, /^--port-nats: /],
    [{ portNats: 'x' }, /^--port-nats: must be the number of a port, from 1 to 65535$/],
    [{ portNats: '5000' }, /^port 5000 is given to nats and registry: change --port-nats or --port-registry$/],
    [{ podCidr: '300.1.0.0/16' }, /^300\.1\.0\.0\/16 is no usable range/],
    [{ podCidr: '10.0.0.0/30' }, /no usable range/],
    [{ serviceCidr: '198.18.128.0/20' }, /share addresses$/],
    [{ bridge: 'far-too-long-for-linux' }, /^--bridge: /],
    [{ unheard: 'x' }, /unheard/],
    [{ context: 'mine' }, /^--context is about an existing cluster: name its kubeconfig with --kubeconfig FILE$/],
    [{ kubeconfig: 'k', edgeCidrs: '10.0.0.1' }, /^--edge-cidrs: must be ranges/],
  ])('refuses %j and says which setting to correct', (given, message) => {
    expect(() => parseSettings(given, '/')).toThrow(message);
  });
});

describe('names of settings', () => {
  it('follow from one word', () => {
    expect(flagOf('portAuthForwardOps')).toBe('port-auth-forward-ops');
    expect(variableOf('portAuthForwardOps')).toBe('PODS_PORT_AUTH_FORWARD_OPS');
    expect(new Set(settingNames.map(variableOf)).size).toBe(settingNames.length);
  });

  it('an environment gives only what it names', () => {
    expect(fromEnvironment({ PODS_PORT_NATS: '4300', PODS_STATE: '', OTHER: 'x' })).toEqual({ portNats: '4300' });
  });
});

describe('ranges of addresses', () => {
  it('start at their own first address, whatever address names them', () => {
    expect(addressAt('198.18.7.9/16', 1)).toBe('198.18.0.1');
    expect(addressAt('10.0.255.0/24', 300)).toBe('10.1.0.44');
  });

  it('overlap when one lies in the other', () => {
    expect(overlap('198.18.0.0/15', '198.19.0.0/16')).toBe(true);
    expect(overlap('198.18.0.0/16', '198.19.0.0/16')).toBe(false);
  });
});
