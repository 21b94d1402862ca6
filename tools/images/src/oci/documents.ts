// The JSON documents of an OCI image: config, manifest, index. Pure; the same input gives the same
// bytes. Fields as in the OCI image specification 1.1.
import { referenceOf, type ImageDefinition, type RunConfig } from '../definition.ts';
import type { WrittenLayer } from '../layer/write-layer.ts';

/** Media types of the OCI image specification that are used here. */
export const MEDIA_TYPE = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  index: 'application/vnd.oci.image.index.v1+json',
} as const;

/** A reference to a blob by its content. */
export type Descriptor = { readonly mediaType: string; readonly digest: string; readonly size: number };

/** An image manifest with one config and any number of layers. */
export type Manifest = { readonly config: Descriptor; readonly layers: readonly Descriptor[] };

/** Processor names of OCI images, which are Go's. */
export type Architecture = 'amd64' | 'arm64';

/** The architecture in OCI's spelling, or undefined for one that images are not built for here. */
export const architectureOf = (nodeArch: string): Architecture | undefined =>
  nodeArch === 'x64' ? 'amd64' : nodeArch === 'arm64' ? 'arm64' : undefined;

/** The image config: how to run the image, and the layer's digest before compression. */
export const configDocument = (run: RunConfig, architecture: Architecture, layer: WrittenLayer): string =>
  JSON.stringify({
    created: '1970-01-01T00:00:00Z',
    architecture,
    os: 'linux',
    config: run,
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
  });

/** The manifest: which config and layer make the image. Its digest is the image's digest. */
export const manifestDocument = (config: Descriptor, layer: WrittenLayer): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config,
    layers: [{ mediaType: MEDIA_TYPE.layer, digest: layer.digest, size: layer.sizeBytes }],
  });

/** The index of an OCI image layout with one image, named as `ctr images import` expects. */
export const indexDocument = (image: Pick<ImageDefinition, 'name' | 'tag'>, manifest: Descriptor): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.index,
    manifests: [
      {
        ...manifest,
        annotations: {
          'io.containerd.image.name': referenceOf(image),
          'org.opencontainers.image.ref.name': image.tag,
        },
      },
    ],
  });
