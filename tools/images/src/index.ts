// The public door of the image tool: build the catalogue, push an image.
export { buildCatalogue, selectImages, type BuildOptions, type BuildProgress } from './build.ts';
export { catalogue } from './catalogue.ts';
export { referenceOf, REGISTRY_NAME, type ImageDefinition } from './definition.ts';
export { ImageBuildError, PushError } from './errors.ts';
export type { BuiltImage } from './oci/layout.ts';
export { pushImage, type PushOptions, type PushResult } from './registry/push.ts';
