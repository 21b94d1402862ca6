// The documents that name code: what they name is there. And the check itself finds what is not.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tourFaults, tourReferences } from './check-tour.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** Reads what a link of the document leads to: a file's text, a folder's list. */
function readerFor(document: string): (path: string) => string | undefined {
  return (path) => {
    const target = join(root, dirname(document), path);
    if (relative(root, target).startsWith('..')) return undefined;
    try {
      return readFileSync(target, 'utf8');
    } catch {
      return listing(target);
    }
  };
}

function listing(folder: string): string | undefined {
  try {
    return readdirSync(folder).join('\n');
  } catch {
    return undefined;
  }
}

/** As the contracts have them, without being able to import them: a tool depends on no library. */
const podEvents = [
  ...readFileSync(join(root, 'libs/contracts/src/pod-events.ts'), 'utf8').matchAll(/type: z\.literal\('(\w+)'\)/g),
].map(([, type = '']) => type);

describe('the tour', () => {
  const tour = readFileSync(join(root, 'docs/tour.md'), 'utf8');

  it('names files, functions and events that exist', () => {
    expect(tourFaults(tour, readerFor('docs/tour.md'), podEvents)).toEqual([]);
  });

  it('leads from the request to the page: a file in each app, and every event of a start, in order', () => {
    const { files, events } = tourReferences(tour);
    for (const app of ['api', 'spawner', 'health', 'auth-forward']) {
      expect(files.some(({ path, names }) => path.startsWith(`../apps/${app}/`) && names.length > 0)).toBe(true);
    }
    expect(events).toEqual(['PodCreated', 'PodSpawnStarted', 'PodObjectsCreated', 'PodBecameAvailable']);
  });
});

describe.each(['README.md', 'ARCHITECTURE.md'])('%s', (document) => {
  it('links to files and folders that exist', () => {
    const { files } = tourReferences(readFileSync(join(root, document), 'utf8'));
    const read = readerFor(document);
    expect(files.filter(({ path }) => read(path) === undefined)).toEqual([]);
    expect(files.length).toBeGreaterThan(0);
  });
});

describe('the check', () => {
  const sources: Readonly<Record<string, string>> = { '../a.ts': 'export function first() {}\nconst second = 1;' };
  const faults = (markdown: string) => tourFaults(markdown, (path) => sources[path], ['PodCreated']);

  it('accepts what is declared', () => {
    expect(faults('1. Then [a.ts](../a.ts) `first`,\n   `second`. **▶ `PodCreated`**')).toEqual([]);
  });
  it.each([
    ['a file that is gone', '[b.ts](../b.ts)', '../b.ts is not there'],
    ['a name that was changed', '[a.ts](../a.ts#L3) `third`', '../a.ts declares no third'],
    ['a name that is only used', '[a.ts](../a.ts) `export`', '../a.ts declares no export'],
    ['an event that is none', 'leaves `PodWished`', 'there is no event PodWished'],
  ])('finds %s', (_what, markdown, fault) => {
    expect(faults(markdown)).toEqual([fault]);
  });
  it('takes code in other steps, paragraphs and fences, and links to elsewhere, for prose', () => {
    const steps = '1. `x` [a.ts](../a.ts)\n2. `nothing`\n\n`none` [site](https://a.test/x) `no`';
    const prose = `${steps}\n\n\`\`\`sh\n[x](y) \`z\`\n\`\`\`\n`;
    expect(faults(prose)).toEqual([]);
  });
});
