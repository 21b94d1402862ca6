// The images that are built here, one after the other. Data only; what the fields mean is in
// definition.ts, how an image is made of them in build.ts.
import type { ImageDefinition } from './definition.ts';

const webpage: ImageDefinition = {
  name: 'webpage',
  tag: '1',
  description: 'A small HTTP server with a recognisable page; also /echo, /healthz and files from $WEBROOT',
  go: { folder: 'webpage', to: '/webpage' },
  users: [],
  folders: [],
  files: [],
  links: [],
  config: { Entrypoint: ['/webpage'], ExposedPorts: { '5000/tcp': {} }, User: '65534:65534', WorkingDir: '/' },
};

/** All images, in the order in which they are listed. */
export const catalogue: readonly ImageDefinition[] = [webpage];
