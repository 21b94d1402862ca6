// The levels of specs and how each runs. Which level runs when is tools/test's business.
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const projects = '{apps,libs,infra,tools}/*/src/**';

function level(name: string, settings: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration {
  return { extends: true, test: { name, include: [`${projects}/*.${name}.spec.ts`], ...settings } };
}

// oxlint-disable-next-line import/no-default-export -- vitest asks for it
export default defineConfig({
  test: {
    maxWorkers: 2,
    // Stopping the whole platform takes more than the default of ten seconds.
    teardownTimeout: 120_000,
    restoreMocks: true,
    projects: [
      // Unit specs are pure, so they may share a worker: four times faster than isolated ones.
      level('unit', { pool: 'threads', isolate: false }),
      level('int', {
        pool: 'forks',
        globalSetup: ['libs/testing/src/int-setup.ts'],
        testTimeout: 30_000,
        hookTimeout: 30_000,
      }),
      level('e2e', {
        pool: 'forks',
        globalSetup: ['libs/testing/src/e2e-setup.ts'],
        fileParallelism: false,
        testTimeout: 180_000,
        hookTimeout: 180_000,
      }),
      level('types', {
        include: [],
        typecheck: {
          enabled: true,
          only: true,
          checker: 'tsc',
          tsconfig: 'tsconfig.json',
          include: [`${projects}/*.spec-d.ts`],
        },
      }),
    ],
  },
});
