// The layer writer: determinism and fidelity, read back by the system's own tar.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrange } from './arrange.ts';
import { file, folder, symlink, type LayerEntry } from './entry.ts';
import { digestOf } from './measure.ts';
import { writeLayer } from './write-layer.ts';

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'layer-spec-'));
});
afterAll(async () => await rm(scratch, { recursive: true, force: true }));

async function* inChunks(text: string): AsyncGenerator<Uint8Array> {
  for (const letter of text) yield Buffer.from(letter);
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('he');
  throw new Error('disk gone');
}

const paths = async (list: readonly LayerEntry[]): Promise<string[]> => {
  const seen: string[] = [];
  for await (const { path } of arrange(list)) seen.push(path);
  return seen;
};

const entries = (): LayerEntry[] => [
  folder('/data', 0o700, 999),
  file('/etc/app/app.conf', 'port=1\n'),
  file('/bin/run', '#!/bin/sh\n', 0o755),
  symlink('/etc/link', 'app/app.conf'),
  { kind: 'hardlink', path: 'etc/same', mode: 0o644, uid: 0, gid: 0, target: 'etc/app/app.conf' },
  { kind: 'stream', path: 'etc/streamed', mode: 0o640, uid: 0, gid: 42, sizeBytes: 5, content: inChunks('hello') },
];

const write = async (name: string, list: readonly LayerEntry[]): ReturnType<typeof writeLayer> =>
  await writeLayer(arrange(list), join(scratch, name));

describe('writeLayer', () => {
  it('gives the same digest for the same entries', async () => {
    const first = await write('a', entries());
    const second = await write('b', entries());
    expect(second).toEqual(first);
  });

  it('gives another digest when a mode, an owner or a content differs', async () => {
    const digests = [
      await write('m0', [file('/a', 'x')]),
      await write('m1', [file('/a', 'y')]),
      await write('m2', [file('/a', 'x', 0o755)]),
      await write('m3', [{ kind: 'file', path: 'a', mode: 0o644, uid: 1, gid: 0, content: Buffer.from('x') }]),
    ].map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(4);
  });

  it('reports the digests and size of what lies on disk', async () => {
    const written = await write('c', entries());
    const bytes = await readFile(join(scratch, 'c'));
    expect(written).toEqual({ digest: digestOf(bytes), sizeBytes: bytes.length, diffId: digestOf(gunzipSync(bytes)) });
  });

  it('writes a tar that other programs read, with fixed times and numeric owners', async () => {
    await write('d', entries());
    const { stdout } = await execa('tar', ['--numeric-owner', '--utc', '-tvzf', join(scratch, 'd')], {
      env: { LC_ALL: 'C' },
    });
    const lines = stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
    expect(lines).toEqual([
      'drwx------ 999/999 0 1970-01-01 00:00 data/',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 etc/',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 etc/app/',
      '-rw-r--r-- 0/0 7 1970-01-01 00:00 etc/app/app.conf',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 bin/',
      '-rwxr-xr-x 0/0 10 1970-01-01 00:00 bin/run',
      'lrwxrwxrwx 0/0 0 1970-01-01 00:00 etc/link -> app/app.conf',
      'hrw-r--r-- 0/0 0 1970-01-01 00:00 etc/same link to etc/app/app.conf',
      '-rw-r----- 0/42 5 1970-01-01 00:00 etc/streamed',
    ]);
  });

  it('keeps long paths and long link targets whole', async () => {
    const long = `${'deep/'.repeat(60)}file`;
    await write('e', [file(long, 'x'), symlink('/link', `/${long}`)]);
    const { stdout } = await execa('tar', ['-tvzf', join(scratch, 'e')]);
    expect(stdout).toContain(` ${long}\n`);
    expect(stdout).toContain(` link -> /${long}`);
  });

  it('fails when a content is shorter than announced', async () => {
    const short: LayerEntry = {
      kind: 'stream',
      path: 'a',
      mode: 0o644,
      uid: 0,
      gid: 0,
      sizeBytes: 10,
      content: inChunks('hello'),
    };
    await expect(write('f', [short])).rejects.toThrow(/size/i);
  });

  it('fails when a content fails', async () => {
    const broken: LayerEntry = {
      kind: 'stream',
      path: 'a',
      mode: 0o644,
      uid: 0,
      gid: 0,
      sizeBytes: 5,
      content: failing(),
    };
    await expect(write('g', [broken])).rejects.toThrow('disk gone');
  });
});

describe('arrange', () => {
  it('adds each missing parent once, before what is in it', async () => {
    expect(await paths([file('/a/b/c', ''), file('/a/d', '')])).toEqual(['a', 'a/b', 'a/b/c', 'a/d']);
  });

  it('keeps the first entry of a path and reads past the content of the others', async () => {
    let read = '';
    async function* watched(): AsyncGenerator<Uint8Array> {
      for (const letter of 'later') {
        read += letter;
        yield Buffer.from(letter);
      }
    }
    const later: LayerEntry = {
      kind: 'stream',
      path: 'a',
      mode: 0o644,
      uid: 0,
      gid: 0,
      sizeBytes: 5,
      content: watched(),
    };
    const kept = [];
    for await (const entry of arrange([file('/a', 'first'), later])) kept.push(entry);
    expect(kept).toEqual([file('/a', 'first')]);
    expect(read).toBe('later');
  });
});
