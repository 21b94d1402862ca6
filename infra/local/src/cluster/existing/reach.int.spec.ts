// Guarantees about trying whether Services can be reached, with real sockets.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import type { ExistingCluster } from './mark.ts';
import { reachWarning, tryServices } from './reach.ts';

const cluster = (apiService: ExistingCluster['apiService']): ExistingCluster => ({
  context: 'c',
  server: 'https://c',
  version: 'v1',
  namespace: 'pods',
  edgeCidrs: [],
  deniedCidrs: [],
  apiService,
});

it('tells a Service that takes connections from one that does not, and says what that means', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const there = cluster({ address: '127.0.0.1', port: address.port });
  expect(await tryServices(there)).toBe('reached');
  expect(reachWarning('reached', there)).toEqual([]);
  server.close();
  await once(server, 'close');
  expect(await tryServices(there)).toBe('not reached');
  const warning = reachWarning('not reached', there).join(' ');
  expect(warning).toContain(`tried 127.0.0.1:${address.port}`);
  expect(warning).toContain('kubectl -n pods port-forward');
});

it('says that it could not try where the Service may not be read', async () => {
  expect(await tryServices(cluster(undefined))).toBe('unknown');
  expect(reachWarning('unknown', cluster(undefined)).join(' ')).toContain('could not be tried');
});
