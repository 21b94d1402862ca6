// What is taken from Debian packages and how apt's answers are read.
import { describe, expect, it } from 'vitest';
import { isKept, placeOf } from './keep-path.ts';
import { isListed, parsePrintedUris } from './package-file.ts';

describe('placeOf', () => {
  it.each([
    ['./', undefined],
    ['./bin/busybox', 'usr/bin/busybox'],
    ['./lib/x86_64-linux-gnu/libc.so.6', 'usr/lib/x86_64-linux-gnu/libc.so.6'],
    ['./lib64/', 'usr/lib64'],
    ['./usr/bin/redis-server', 'usr/bin/redis-server'],
    ['./etc/library/x', 'etc/library/x'],
    ['./libexec/x', 'libexec/x'],
  ])('puts %s at %s', (from, to) => {
    expect(placeOf(from)).toBe(to);
  });
});

describe('isKept', () => {
  it.each([
    'usr/share/doc',
    'usr/share/doc/zlib1g',
    'usr/share/doc/zlib1g/copyright',
    'usr/share/manifest',
    'usr/lib/locale/C.utf8/LC_CTYPE',
    'usr/share/zoneinfo/UTC',
  ])('takes %s', (path) => {
    expect(isKept(path, [])).toBe(true);
  });

  it.each([
    'usr/share/doc/zlib1g/changelog.gz',
    'usr/share/man',
    'usr/share/man/man1/ls.1.gz',
    'usr/share/locale/de/LC_MESSAGES/libc.mo',
    'usr/lib/x86_64-linux-gnu/gconv/UTF-16.so',
    'etc/init.d/nginx',
  ])('leaves out %s', (path) => {
    expect(isKept(path, [])).toBe(false);
  });

  it('leaves out what the image says, with all below it', () => {
    expect(['usr/x/big', 'usr/x/big/file', 'usr/x/bigger'].map((path) => isKept(path, ['usr/x/big/']))).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe('parsePrintedUris', () => {
  it('reads name, version with epoch, file and size, and skips other lines', () => {
    const output = [
      'Reading package lists...',
      "'http://deb.example/pool/z/zlib1g_1.2.13.dfsg-1_amd64.deb' zlib1g_1%3a1.2.13.dfsg-1_amd64.deb 86684 MD5Sum:36a63f5a0e10b8ff11e9a8f2a4e9e1c0",
      "'http://deb.example/pool/t/tzdata_2026f_all.deb' tzdata_2026f_all.deb 307832 ",
      '',
    ].join('\n');
    expect(parsePrintedUris(output)).toEqual([
      { name: 'zlib1g', version: '1:1.2.13.dfsg-1', fileName: 'zlib1g_1%3a1.2.13.dfsg-1_amd64.deb', sizeBytes: 86684 },
      { name: 'tzdata', version: '2026f', fileName: 'tzdata_2026f_all.deb', sizeBytes: 307832 },
    ]);
  });
});

it('refuses a package line that it cannot read instead of leaving the package out', () => {
  expect(() => parsePrintedUris("'http://deb.example/x' x.deb 12")).toThrow(/unknown form/);
});

describe('isListed', () => {
  it('knows whole names and beginnings', () => {
    expect(['perl', 'perl-base', 'libperl5.36', 'dpkg'].map((name) => isListed(name, ['perl*', 'dpkg']))).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});
