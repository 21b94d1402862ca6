// Makes the image of the pause program and hands it to containerd, so that no pod needs a registry for it.
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { arch } from 'node:process';
import type { Programs } from '../parts/part.ts';
import type { Platform } from '../platform.ts';
import { run } from '../process/run.ts';
import { PAUSE_IMAGE } from './configs.ts';

type Descriptor = { readonly mediaType: string; readonly digest: string; readonly size: number };

const mediaType = (kind: string): string => `application/vnd.oci.image.${kind}`;

/** Writes a blob under its hash, as an OCI image layout wants it. */
const putBlob = async (layout: string, kind: string, content: Uint8Array): Promise<Descriptor> => {
  const hash = createHash('sha256').update(content).digest('hex');
  await writeFile(join(layout, 'blobs', 'sha256', hash), content);
  return { mediaType: mediaType(kind), digest: `sha256:${hash}`, size: content.length };
};

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

/** Go's name for this processor, which images use as well. */
const goArchitecture = (): string => (arch === 'x64' ? 'amd64' : arch);

/** Packs the program into an image layout of one layer. The same program gives the same bytes. */
const writeLayout = async (work: string, program: string): Promise<string> => {
  const [root, layout] = [join(work, 'root'), join(work, 'layout')];
  await mkdir(root);
  await mkdir(join(layout, 'blobs', 'sha256'), { recursive: true });
  await copyFile(program, join(root, 'pause'));
  const layerFile = join(work, 'layer.tar');
  await run('tar', ['-C', root, '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '-cf', layerFile, 'pause']);
  const layer = await putBlob(layout, 'layer.v1.tar', await readFile(layerFile));
  const config = await putBlob(
    layout,
    'config.v1+json',
    json({
      architecture: goArchitecture(),
      os: 'linux',
      config: { Entrypoint: ['/pause'], User: '65535:65535' },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }),
  );
  const manifest = await putBlob(
    layout,
    'manifest.v1+json',
    json({ schemaVersion: 2, mediaType: mediaType('manifest.v1+json'), config, layers: [layer] }),
  );
  const annotations = { 'io.containerd.image.name': PAUSE_IMAGE };
  await writeFile(join(layout, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
  await writeFile(
    join(layout, 'index.json'),
    json({ schemaVersion: 2, mediaType: mediaType('index.v1+json'), manifests: [{ ...manifest, annotations }] }),
  );
  return layout;
};

/** Makes sure that containerd has the image, and that the kubelet's clean-up leaves it alone. */
export const ensurePauseImage = async (platform: Platform, programs: Programs, signal: AbortSignal): Promise<void> => {
  const ctr = async (...args: readonly string[]): Promise<string> =>
    await run(
      programs.ctr,
      ['--address', join(platform.folders.run, 'containerd.sock'), '--namespace', 'k8s.io', ...args],
      { signal },
    );
  const images = (await ctr('images', 'ls', '--quiet')).split('\n');
  if (images.includes(PAUSE_IMAGE)) return;
  const work = await mkdtemp(join(platform.folders.run, 'pause-'));
  try {
    const layout = await writeLayout(work, programs.pause);
    const archive = join(work, 'image.tar');
    await run('tar', ['-C', layout, '-cf', archive, 'oci-layout', 'index.json', 'blobs']);
    await ctr('images', 'import', archive);
    await ctr('images', 'label', PAUSE_IMAGE, 'io.cri-containerd.pinned=pinned', 'io.cri-containerd.image=managed');
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};
