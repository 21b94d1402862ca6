// Pushing to a real registry: what arrives, what is skipped, and what a person is told when it cannot be done.
import { appendFile, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageDefinition } from '../definition.ts';
import { PushError } from '../errors.ts';
import { arrange } from '../layer/arrange.ts';
import { file } from '../layer/entry.ts';
import { digestOf } from '../layer/measure.ts';
import { MEDIA_TYPE } from '../oci/documents.ts';
import { blobPath, writeLayout, type BuiltImage } from '../oci/layout.ts';
import { parseManifest } from '../oci/parse.ts';
import { startRegistry, type LocalRegistry } from '../testing/local-registry.ts';
import { pushImage } from './push.ts';

let scratch = '';
let registry: LocalRegistry;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'push-spec-'));
  registry = await startRegistry();
}, 120_000);
afterAll(async () => {
  await registry.remove();
  await rm(scratch, { recursive: true, force: true });
});

const build = async (name: string, content: string, tag = '1'): Promise<BuiltImage> => {
  const image: ImageDefinition = {
    name,
    tag,
    description: '',
    users: [],
    folders: [],
    files: [],
    links: [],
    config: { Cmd: ['/greeting'] },
  };
  const entries = arrange([file('/greeting', content, 0o755)]);
  return await writeLayout(image, 'amd64', entries, join(scratch, `${name}-${tag}-${digestOf(content).slice(-8)}`));
};

const manifestOf = async (name: string, reference: string): Promise<string> => {
  const url = `${registry.url}/v2/${name}/manifests/${reference}`;
  const response = await fetch(url, { headers: { accept: MEDIA_TYPE.manifest } });
  return response.status === 200 ? await response.text() : '';
};

const failureOf = async (push: Promise<unknown>): Promise<PushError> => {
  const [result] = await Promise.allSettled([push]);
  if (result.status === 'rejected' && result.reason instanceof PushError) return result.reason;
  throw new Error('the push did not fail as expected', { cause: result });
};

const readManifest = async (image: BuiltImage): Promise<string> =>
  await readFile(blobPath(image.folder, image.digest), 'utf8');

describe('pushImage', () => {
  it('brings the manifest and every blob to the registry, byte for byte', async () => {
    const image = await build('whole', 'hello');
    const result = await pushImage(registry.url, image);
    expect(result).toEqual({
      pushed: `${new URL(registry.url).host}/whole:1@${image.digest}`,
      digest: image.digest,
      blobsSent: 2,
      blobsSkipped: 0,
    });
    const manifest = await manifestOf('whole', '1');
    expect(digestOf(manifest)).toBe(image.digest);
    const { config, layers } = parseManifest(manifest);
    for (const { digest, size } of [config, ...layers]) {
      const response = await fetch(`${registry.url}/v2/whole/blobs/${digest}`);
      const bytes = Buffer.from(await response.arrayBuffer());
      expect([digestOf(bytes), bytes.length]).toEqual([digest, size]);
    }
  });

  it('sends nothing the second time, and only what is new for another tag', async () => {
    const image = await build('again', 'hello');
    await pushImage(registry.url, image);
    expect(await pushImage(registry.url, image)).toMatchObject({ blobsSent: 0, blobsSkipped: 2 });
    expect(await pushImage(registry.url, await build('again', 'hello', '2'))).toMatchObject({
      blobsSent: 0,
      blobsSkipped: 2,
    });
    expect(await pushImage(registry.url, await build('again', 'other', '3'))).toMatchObject({ blobsSent: 2 });
  });

  it('moves a tag to the image pushed last', async () => {
    await pushImage(registry.url, await build('moving', 'old'));
    const newer = await build('moving', 'new');
    await pushImage(registry.url, newer);
    expect(digestOf(await manifestOf('moving', '1'))).toBe(newer.digest);
  });

  it('can run several times at once', async () => {
    const image = await build('at-once', 'x'.repeat(2_000_000));
    const results = await Promise.all(Array.from({ length: 4 }, async () => await pushImage(registry.url, image)));
    expect(new Set(results.map(({ digest }) => digest))).toEqual(new Set([image.digest]));
    expect(digestOf(await manifestOf('at-once', '1'))).toBe(image.digest);
  });

  it('refuses to send a damaged blob, and stores no manifest for it', async () => {
    const image = await build('damaged', 'hello');
    const folder = join(scratch, 'damaged-copy');
    await cp(image.folder, folder, { recursive: true });
    const { layers } = parseManifest(await readManifest(image));
    await appendFile(blobPath(folder, layers[0]?.digest ?? ''), 'x');
    const failure = await failureOf(pushImage(registry.url, { ...image, folder }));
    expect([failure.code, failure.retryable]).toEqual(['damaged-image', false]);
    expect(failure.message).toMatch(/build again/);
    expect(await manifestOf('damaged', '1')).toBe('');
  });

  it('tells what the registry said when it refuses', async () => {
    const closed = await startRegistry('readonly');
    try {
      const failure = await failureOf(pushImage(closed.url, await build('refused', 'hello')));
      expect(failure.code).toBe('refused');
      expect(failure.message).toMatch(/did not take an upload: HTTP 405/);
    } finally {
      await closed.remove();
    }
  });

  it('says that the registry does not answer when nothing listens, and that a later try may work', async () => {
    const gone = await startRegistry();
    await gone.end();
    const failure = await failureOf(pushImage(gone.url, await build('nowhere', 'hello')));
    expect([failure.code, failure.retryable]).toEqual(['unreachable', true]);
    expect(failure.message).toMatch(/is it running/);
    await gone.remove();
  });

  it('ends when it is told to', async () => {
    const image = await build('stopped', 'hello');
    await expect(pushImage(registry.url, image, { signal: AbortSignal.abort() })).rejects.toThrow(/aborted/);
    expect(await manifestOf('stopped', '1')).toBe('');
  });
});
