// Rules that every image of the catalogue keeps.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { selectImages } from './build.ts';
import { catalogue } from './catalogue.ts';
import { referenceOf } from './definition.ts';

const TOOL = join(import.meta.dirname, '..');

describe('catalogue', () => {
  it('names each image once', () => {
    const names = catalogue.map(referenceOf);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^pods\.local\/[a-z][a-z0-9-]*:[a-z0-9.]+$/);
  });

  describe.each(catalogue)('$name:$tag', (image) => {
    it('has a source, something to run, and a port', () => {
      expect(image.go !== undefined || image.debian !== undefined).toBe(true);
      const command = [...(image.config.Entrypoint ?? []), ...(image.config.Cmd ?? [])];
      expect(command.length).toBeGreaterThan(0);
      expect(Object.keys(image.config.ExposedPorts ?? {}).every((port) => /^\d+\/tcp$/.test(port))).toBe(true);
    });

    it('has the files it is made of, and puts them at absolute places', async () => {
      for (const { from, to } of image.files) {
        expect((await stat(join(TOOL, 'files', from))).isFile()).toBe(true);
        expect(to).toMatch(/^\/[^/]/);
      }
      if (image.go !== undefined) expect((await stat(join(TOOL, 'go', image.go.folder))).isDirectory()).toBe(true);
    });

    it('numbers its users apart from each other and from root', () => {
      const ids = image.users.map(({ id }) => id);
      expect(new Set([0, 65534, ...ids]).size).toBe(ids.length + 2);
    });
  });
});

describe('selectImages', () => {
  it('takes a name, a name with tag, or the whole reference', () => {
    for (const wanted of ['webpage', 'webpage:1', 'pods.local/webpage:1']) {
      expect(selectImages([wanted]).map(referenceOf)).toEqual(['pods.local/webpage:1']);
    }
  });

  it('gives all when nothing is asked for', () => {
    expect(selectImages(undefined)).toEqual(catalogue);
  });

  it('refuses an unknown name and says which there are', () => {
    expect(() => selectImages(['webpage', 'nothing'])).toThrow(/no such image: nothing; the catalogue has webpage:1/);
  });
});
