// Guarantees about what a program is built from.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { programNames, programs } from './catalogue.ts';
import { buildArguments, pinnedVersionOf, sourceFolderOf } from './key.ts';
import { formatVersion } from './version.ts';

describe.each(programNames)('%s', (name) => {
  const spec = programs[name];

  it('is pinned to one version, and every module it needs to a checksum', async () => {
    expect(formatVersion(await pinnedVersionOf(spec))).toMatch(/^\d+\.\d+\.\d+$/);
    const goMod = await readFile(join(sourceFolderOf(spec), 'go.mod'), 'utf8');
    if (goMod.includes('require')) expect((await stat(join(sourceFolderOf(spec), 'go.sum'))).size).toBeGreaterThan(0);
  });

  it('is built with the version in it, without symbols', async () => {
    const version = await pinnedVersionOf(spec);
    const [command, , flags, , output, goPackage] = buildArguments(spec, version, '/out/x');
    expect([command, output, goPackage]).toEqual(['build', '/out/x', spec.goPackage]);
    expect(flags).toMatch(/^-s -w/);
    for (const variable of Object.keys(spec.linkerVariables(formatVersion(version))))
      expect(flags).toContain(`-X ${variable}=`);
  });
});

it('names the parts of a Kubernetes version as its own release does', () => {
  expect(programs.kube.linkerVariables('1.35.4')).toEqual({
    'k8s.io/component-base/version.gitVersion': 'v1.35.4',
    'k8s.io/component-base/version.gitMajor': '1',
    'k8s.io/component-base/version.gitMinor': '35',
  });
});
