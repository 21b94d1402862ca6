// The OCI documents, and that what is written can be read again.
import { describe, expect, it } from 'vitest';
import { architectureOf, configDocument, indexDocument, manifestDocument, MEDIA_TYPE } from './documents.ts';
import { parseIndex, parseManifest } from './parse.ts';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const layer = { digest: digest('a'), sizeBytes: 7, diffId: digest('b') };
const config = { mediaType: MEDIA_TYPE.config, digest: digest('c'), size: 3 };
const manifest = { mediaType: MEDIA_TYPE.manifest, digest: digest('d'), size: 5 };

describe('OCI documents', () => {
  it('name the layer by its compressed digest in the manifest and by its plain digest in the config', () => {
    expect(JSON.parse(manifestDocument(config, layer))).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config,
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: layer.digest, size: 7 }],
    });
    expect(JSON.parse(configDocument({ Cmd: ['x'] }, 'arm64', layer))).toEqual({
      created: '1970-01-01T00:00:00Z',
      architecture: 'arm64',
      os: 'linux',
      config: { Cmd: ['x'] },
      rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    });
  });

  it('can be read back', () => {
    expect(parseIndex(indexDocument({ name: 'n', tag: '1' }, manifest))).toEqual(manifest);
    expect(parseManifest(manifestDocument(config, layer))).toEqual({
      config,
      layers: [{ mediaType: MEDIA_TYPE.layer, digest: layer.digest, size: 7 }],
    });
  });

  it.each(['[]', '{}', '{"manifests":[]}', '{"manifests":[{"mediaType":"x","digest":"md5:1","size":1}]}'])(
    'refuse an index such as %s',
    (text) => {
      expect(() => parseIndex(text)).toThrow(/index/);
    },
  );

  it('know the processors images are built for', () => {
    expect(['x64', 'arm64', 'ia32'].map(architectureOf)).toEqual(['amd64', 'arm64', undefined]);
  });
});
