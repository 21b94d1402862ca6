// What apps are told that belongs together.
import { expect, it } from 'vitest';
import { foldersOf, type Platform } from '../platform.ts';
import { parseSettings } from '../settings/settings.ts';
import { appDefinitions } from './apps.ts';

const platform = (): Platform => {
  const settings = parseSettings({}, '/somewhere');
  const folders = foldersOf('/somewhere/.pods');
  const home = { runFolder: folders.run, logFolder: folders.log, installationId: 'spec' };
  return { settings, folders, home, installationId: 'spec' };
};

const environmentOf = (name: string): Readonly<Record<string, string>> =>
  appDefinitions.find((app) => app.name === name)?.environment(platform()) ?? {};

it('api refuses GPUs, because the only queue that spawner knows has none', () => {
  expect(environmentOf('spawner')).not.toHaveProperty('COMPUTE_QUEUES');
  expect(JSON.parse(environmentOf('api')['RESOURCE_LIMITS'] ?? '{}')).toEqual({ gpus: { max: 0, default: 0 } });
});
