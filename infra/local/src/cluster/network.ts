// The network of the pods on this machine: a bridge that carries the node's own address, a route, and one table of
// packet rules. Knows whose they are, so that two platforms do not take each other's.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { putFile, readIfThere } from '../files/put-file.ts';
import type { Platform } from '../platform.ts';
import { attempt, CommandError, run } from '../process/run.ts';
import type { PodNetwork } from '../settings/settings.ts';

/** Our own table; kube-proxy has one as well. */
const TABLE = 'pods_platform';

/** Switches that have to be on, and are put back afterwards. */
const switches = ['/proc/sys/net/ipv4/ip_forward', '/proc/sys/net/bridge/bridge-nf-call-iptables'] as const;

/** Rules that let pods reach the world: only what leaves the pods' own networks changes its sender. */
export const renderRules = ({ podCidr, serviceCidr, bridge }: PodNetwork): string => `table ip ${TABLE}
delete table ip ${TABLE}
table ip ${TABLE} {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${podCidr} ip daddr != { ${podCidr}, ${serviceCidr} } oifname != "${bridge}" masquerade
  }
}
`;

/** Configuration of the plugins that connect a pod to the bridge. */
export const renderPlugins = (network: PodNetwork, dataFolder: string): string =>
  `${JSON.stringify(
    {
      cniVersion: '1.0.0',
      name: 'pods',
      plugins: [
        {
          type: 'bridge',
          bridge: network.bridge,
          isGateway: true,
          ipMasq: false,
          hairpinMode: true,
          ipam: {
            type: 'host-local',
            dataDir: dataFolder,
            ranges: [[{ subnet: network.podCidr, gateway: network.nodeAddress }]],
            routes: [{ dst: '0.0.0.0/0' }],
          },
        },
      ],
    },
    undefined,
    2,
  )}\n`;

const ip = async (...args: readonly string[]): Promise<string> => await run('ip', args);

const OWNER_PREFIX = 'pods-service ';

const ownerMark = ({ folders }: Platform): string => `${OWNER_PREFIX}${folders.state}`;

/** Who has the bridge: nobody, this platform, or the holder of the returned name. */
export type BridgeOwner = { readonly by: 'nobody' | 'us' } | { readonly by: 'another'; readonly who: string };

const linkSchema = z.tuple([z.object({ ifalias: z.string().optional() })]).rest(z.unknown());

/** Looks at the bridge, which carries its owner's state folder as its alias. */
export const bridgeOwner = async (platform: Platform): Promise<BridgeOwner> => {
  let link: string;
  try {
    link = await ip('-json', 'link', 'show', 'dev', platform.settings.network.bridge);
  } catch (error) {
    if (error instanceof CommandError) return { by: 'nobody' };
    throw error;
  }
  const [{ ifalias = '' }] = linkSchema.parse(JSON.parse(link));
  if (ifalias === ownerMark(platform)) return { by: 'us' };
  const state = ifalias.startsWith(OWNER_PREFIX) ? ifalias.slice(OWNER_PREFIX.length) : undefined;
  return { by: 'another', who: state === undefined ? 'something else' : `the platform with --state ${state}` };
};

const memoryOf = ({ folders }: Platform): string => join(folders.run, 'switches');

const turnOnSwitches = async (platform: Platform): Promise<void> => {
  // Without the second one, answers between two pods would not pass through the rules of Services.
  if ((await readIfThere(switches[1])) === undefined) await attempt('modprobe', ['br_netfilter']);
  const found = await Promise.all(switches.map(async (file) => ({ file, value: (await readIfThere(file))?.trim() })));
  const present = found.flatMap(({ file, value }) => (value === undefined ? [] : [{ file, value }]));
  // Only the first start sees what was there before.
  if ((await readIfThere(memoryOf(platform))) === undefined) {
    await putFile(memoryOf(platform), present.map(({ file, value }) => `${file} ${value}\n`).join(''));
  }
  for (const { file, value } of present) if (value !== '1') await writeFile(file, '1');
};

const putSwitchesBack = async (platform: Platform): Promise<void> => {
  for (const line of ((await readIfThere(memoryOf(platform))) ?? '').split('\n')) {
    const [file = '', value = ''] = line.split(' ');
    if (switches.some((one) => one === file) && (await readFile(file, 'utf8')).trim() !== value)
      await writeFile(file, value);
  }
};

/** Makes the network as it should be, whatever was left of it. */
export const ensureNetwork = async (platform: Platform): Promise<void> => {
  const { network } = platform.settings;
  const { bridge, nodeAddress, prefixBits, serviceCidr } = network;
  await turnOnSwitches(platform);
  if ((await bridgeOwner(platform)).by === 'nobody') {
    await ip('link', 'add', bridge, 'type', 'bridge');
    await ip('link', 'set', bridge, 'alias', ownerMark(platform));
  }
  await ip('addr', 'replace', `${nodeAddress}/${prefixBits}`, 'dev', bridge);
  await ip('link', 'set', bridge, 'up');
  // Until kube-proxy knows a Service, its address would leave the machine by the default route.
  await ip('route', 'replace', serviceCidr, 'dev', bridge, 'src', nodeAddress);
  await run('nft', ['-f', '-'], { input: renderRules(network) });
  await putFile(
    join(platform.folders.cni, 'conf', '10-pods.conflist'),
    renderPlugins(network, join(platform.folders.cni, 'data')),
  );
};

/** Takes the network away if it is ours: the bridge with its route and addresses, our rules and kube-proxy's. */
export const removeNetwork = async (platform: Platform): Promise<void> => {
  if ((await bridgeOwner(platform)).by !== 'us') return;
  for (const [family, table] of [
    ['ip', TABLE],
    ['ip', 'kube-proxy'],
    ['ip6', 'kube-proxy'],
  ] as const) {
    await attempt('nft', ['delete', 'table', family, table]);
  }
  await putSwitchesBack(platform);
  await ip('link', 'del', platform.settings.network.bridge);
  await rm(memoryOf(platform), { force: true });
};
