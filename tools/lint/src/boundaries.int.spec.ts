// The rules of project boundaries and pure files, as the real oxlint applies them with the project's own configuration.
import { beforeAll, describe, expect, it } from 'vitest';
import { lint } from './testing/fixture-workspace.ts';

const dependencies: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'libs/contracts': {},
  'libs/domain-x': { '@pods/contracts': '*', '@pods/store': '*' },
  'libs/service': { '@pods/contracts': '*', '@pods/store': '*' },
  'libs/store': { '@pods/contracts': '*', '@pods/service': '*', '@pods/domain-x': '*', kysely: '1.0.0' },
  'libs/testing': { '@pods/store': '*', '@pods/local': '*', '@pods/api': '*' },
  'infra/local': { '@pods/store': '*', '@pods/images': '*', '@pods/testing': '*' },
  'tools/images': { '@pods/service': '*', '@pods/store': '*' },
  'apps/api': { '@pods/domain-x': '*', '@pods/store': '*', '@pods/health': '*', '@pods/local': '*' },
  'apps/health': {},
};
const tags: Readonly<Record<string, string>> = {
  'libs/contracts': 'contracts',
  'libs/domain-x': 'domain',
  'libs/service': 'service',
  'libs/store': 'adapter',
  'libs/testing': 'testing',
  'infra/local': 'infra',
  'tools/images': 'tool',
  'apps/api': 'app',
  'apps/health': 'app',
};

interface Row {
  readonly what: string;
  readonly file: string;
  readonly code: string;
  /** What one finding must contain; undefined: there must be no finding. */
  readonly finding?: string;
}

const boundaryRows: readonly Row[] = [
  { what: 'an app uses a domain', file: 'apps/api/src/a1.ts', code: `export * from '@pods/domain-x';` },
  { what: 'an adapter uses service', file: 'libs/store/src/a2.ts', code: `export * from '@pods/service';` },
  { what: 'infra uses a tool', file: 'infra/local/src/a3.ts', code: `export * from '@pods/images';` },
  {
    what: 'testing uses infra, the test runner and test doors',
    file: 'libs/testing/src/a4.ts',
    code: `export * from '@pods/local';\nexport * from 'vitest';\nexport * from '@pods/store/testing';`,
  },
  { what: 'a file uses its neighbour', file: 'libs/store/src/a5.ts', code: `export * from './a2.ts';` },
  { what: 'a file uses a declared package', file: 'libs/store/src/a6.ts', code: `export * from 'kysely';` },
  { what: 'a file uses a part of Node', file: 'libs/store/src/a7.ts', code: `export { join } from 'node:path';` },
  {
    what: 'a spec uses fixtures from anywhere and the runner of the root',
    file: 'libs/store/src/a8.int.spec.ts',
    code: `export * from '@pods/testing';\nexport * from 'vitest';\nexport * from './testing/twin.ts';`,
  },
  {
    what: 'test code is behind its own door',
    file: 'libs/store/src/testing/twin.ts',
    code: `export * from '@pods/testing';`,
  },

  {
    what: 'an app imports an app',
    file: 'apps/api/src/f1.ts',
    code: `export * from '@pods/health';`,
    finding: 'nothing imports an app',
  },
  {
    what: 'a spec imports an app',
    file: 'apps/api/src/f2.int.spec.ts',
    code: `export * from '@pods/health';`,
    finding: 'nothing imports an app',
  },
  {
    what: 'testing imports an app',
    file: 'libs/testing/src/f3.ts',
    code: `export * from '@pods/api';`,
    finding: 'nothing imports an app',
  },
  {
    what: 'a domain imports an adapter',
    file: 'libs/domain-x/src/f4.ts',
    code: `export * from '@pods/store';`,
    finding: "tagged 'domain' may not use 'adapter'",
  },
  {
    what: 'an adapter imports a domain, by import type',
    file: 'libs/store/src/f5.ts',
    code: `export type X = import('@pods/domain-x').X;`,
    finding: "tagged 'adapter' may not use 'domain'",
  },
  {
    what: 'service imports an adapter, dynamically',
    file: 'libs/service/src/f6.ts',
    code: `export const store = await import('@pods/store');`,
    finding: "tagged 'service' may not use 'adapter'",
  },
  {
    what: 'an app imports infra',
    file: 'apps/api/src/f7.ts',
    code: `export * from '@pods/local';`,
    finding: "tagged 'app' may not use 'infra'",
  },
  {
    what: 'a tool imports an adapter',
    file: 'tools/images/src/f8.ts',
    code: `export * from '@pods/store';`,
    finding: "tagged 'tool' may not use 'adapter'",
  },
  {
    what: 'infra imports fixtures',
    file: 'infra/local/src/f9.ts',
    code: `export * from '@pods/testing';`,
    finding: "tagged 'infra' may not use 'testing'",
  },
  {
    what: 'a relative path leaves its project',
    file: 'libs/store/src/f10.ts',
    code: `import type * as X from '../../contracts/src/index.ts';\nexport type Y = typeof X;`,
    finding: 'leaves @pods/store',
  },
  {
    what: 'a project of the workspace is not declared',
    file: 'apps/health/src/f11.ts',
    code: `export * from '@pods/contracts';`,
    finding: "'@pods/contracts' is not declared: add it to dependencies",
  },
  {
    what: 'a package is not declared',
    file: 'apps/health/src/f12.ts',
    code: `export * from 'hono/logger';`,
    finding: "'hono' is not declared: add it to dependencies",
  },
  {
    what: 'a package of a spec is not declared',
    file: 'apps/health/src/f13.unit.spec.ts',
    code: `export * from 'kysely';`,
    finding: 'add it to devDependencies',
  },
  {
    what: 'production code uses a package that only specs declare',
    file: 'libs/store/src/f14.ts',
    code: `export * from 'vitest';`,
    finding: "'vitest' is not declared: add it to dependencies",
  },
  {
    what: 'production code uses test code of its project',
    file: 'libs/store/src/f15.ts',
    code: `export * from './testing/twin.ts';`,
    finding: 'is test code',
  },
  {
    what: 'production code uses the test door of another project',
    file: 'apps/api/src/f16.ts',
    code: `export * from '@pods/store/testing';`,
    finding: 'is test code',
  },
];

const pureRows: readonly Row[] = [
  {
    what: 'a pure file computes with a given instant',
    file: 'libs/domain-x/src/p1.ts',
    code: `export const later = (at: string): string => new Date(Date.parse(at) + Math.max(1, 2)).toISOString();`,
  },
  {
    what: 'a pure file reads the clock by new Date()',
    file: 'libs/domain-x/src/p2.ts',
    code: `export const now = (): Date => new Date();`,
    finding: 'pods(no-clock)',
  },
  {
    what: 'a plan reads the clock by Date.now()',
    file: 'apps/api/src/reconcile/plan.ts',
    code: `export const now = (): number => Date.now();`,
    finding: 'pods(no-clock)',
  },
  {
    what: 'a policy draws lots',
    file: 'apps/api/src/policy.ts',
    code: `export const lot = (): number => Math.random();`,
    finding: 'eslint(no-restricted-properties)',
  },
  {
    what: 'contracts use a part of Node',
    file: 'libs/contracts/src/p5.ts',
    code: `export { join } from 'node:path';`,
    finding: 'import(no-nodejs-modules)',
  },
  {
    what: 'a projection asks the network',
    file: 'apps/api/src/projections/project.ts',
    code: `export const ask = (): Promise<Response> => fetch('http://localhost/');`,
    finding: 'eslint(no-restricted-globals)',
  },
  {
    what: 'a manifest builder uses a database',
    file: 'libs/store/src/manifests/pod.ts',
    code: `export * from 'kysely';`,
    finding: 'eslint(no-restricted-imports)',
  },
  {
    what: 'a spec sleeps',
    file: 'apps/api/src/p8.unit.spec.ts',
    code: `export const nap = (): Promise<void> => new Promise((done) => void setTimeout(done, 50));`,
    finding: 'eslint(no-restricted-globals)',
  },
  {
    what: 'a promise floats',
    file: 'apps/api/src/p9.ts',
    code: `export const go = (work: () => Promise<void>): void => {\n  work();\n};`,
    finding: 'typescript(no-floating-promises)',
  },
];

describe('the lint rules', () => {
  let findings: ReadonlyMap<string, readonly string[]> = new Map();

  beforeAll(async () => {
    const files: Record<string, string> = {
      'package.json': JSON.stringify({
        workspaces: ['apps/*', 'libs/*', 'infra/*', 'tools/*'],
        devDependencies: { vitest: '1.0.0' },
      }),
    };
    for (const [folder, declared] of Object.entries(dependencies)) {
      const name = `@pods/${folder.split('/')[1]}`;
      const devDependencies = folder === 'libs/store' ? { '@pods/testing': '*' } : {};
      const nx = { tags: [tags[folder]] };
      files[`${folder}/package.json`] = JSON.stringify({ name, dependencies: declared, devDependencies, nx });
    }
    for (const row of [...boundaryRows, ...pureRows]) files[row.file] = `${row.code}\n`;
    findings = await lint(files);
  });

  it.each([...boundaryRows, ...pureRows].filter((row) => row.finding === undefined))('allow: $what', (row) => {
    expect(findings.get(row.file) ?? []).toEqual([]);
  });

  it.each([...boundaryRows, ...pureRows].filter((row) => row.finding !== undefined))('forbid: $what', (row) => {
    expect(findings.get(row.file) ?? []).toContainEqual(expect.stringContaining(row.finding ?? '-'));
  });
});
