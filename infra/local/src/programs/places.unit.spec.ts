// Guarantees about where programs are looked for.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheFolderOf, placesOf } from './places.ts';

describe('cacheFolderOf', () => {
  it('is $PODS_CACHE before anything else', () => {
    expect(cacheFolderOf({ PODS_CACHE: '/a/b', XDG_CACHE_HOME: '/c' })).toBe('/a/b');
  });

  it('is a folder of its own in the folder for caches', () => {
    expect(cacheFolderOf({ XDG_CACHE_HOME: '/c' })).toBe('/c/pods-service');
    expect(cacheFolderOf({ PODS_CACHE: '', XDG_CACHE_HOME: '' })).toBe(join(homedir(), '.cache', 'pods-service'));
  });
});

describe('placesOf', () => {
  it('takes no folder of PATH that depends on the current one', () => {
    expect(placesOf({ PATH: '/usr/bin:.:bin::/opt/x' }).pathFolders).toEqual(['/usr/bin', '/opt/x']);
  });

  it('has a folder for programs only if one is named', () => {
    expect(placesOf({}).programsFolder).toBeUndefined();
    expect(placesOf({ PODS_PROGRAMS: '/p' }).programsFolder).toBe('/p');
  });
});
