// What every image with a Debian part needs besides its packages: the merged /usr links, users,
// name service settings, temporary folders, and a shell from busybox. Pure.
import type { ImageDefinition, ImageUser } from '../definition.ts';
import { file, folder, symlink, type LayerEntry } from './entry.ts';

const ROOT: ImageUser = { name: 'root', id: 0, home: '/root' };
const NOBODY: ImageUser = { name: 'nobody', id: 65534, home: '/nonexistent' };

const passwd = (users: readonly ImageUser[]): string =>
  users
    .map(
      ({ name, id, home }) => `${name}:x:${id}:${id}:${name}:${home}:${id === 0 ? '/bin/sh' : '/usr/sbin/nologin'}\n`,
    )
    .join('');

const group = (users: readonly ImageUser[]): string => users.map(({ name, id }) => `${name}:x:${id}:\n`).join('');

/** Folders whose place is below /usr since Debian merged them; packages may still name the old place. */
export const MERGED_FOLDERS: readonly string[] = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];

/** What must come before everything else in the layer. */
export const baseEntries = (image: ImageDefinition): readonly LayerEntry[] => {
  const users = [ROOT, ...image.users, NOBODY];
  return [
    ...['etc', 'usr', 'var', 'run'].map((path) => folder(path)),
    ...MERGED_FOLDERS.flatMap((path) => [folder(`usr/${path}`), symlink(path, `usr/${path}`)]),
    folder('root', 0o700),
    folder('tmp', 0o1777),
    folder('var/tmp', 0o1777),
    symlink('var/run', '/run'),
    file('etc/passwd', passwd(users)),
    file('etc/group', group(users)),
    file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\n'),
  ];
};

const APPLETS =
  'sh ash awk base64 basename cat chgrp chmod chown clear cmp cp cut date dd df diff dirname du echo ' +
  'egrep env expr false fgrep find free getopt grep groups gunzip gzip head hexdump hostname id ifconfig install ip ' +
  'kill killall less ln ls lsof md5sum mkdir mkfifo mktemp more mount mv nc netstat nproc nslookup od paste pgrep ' +
  'pidof ping printf ps pwd readlink realpath rev rm rmdir sed seq setsid sha1sum sha256sum sha512sum sleep sort ' +
  'split stat strings stty sync tac tail tar tee test time timeout top touch tr true truncate tty umount uname uniq ' +
  'unlink unxz unzip uptime vi watch wc wget which who whoami xargs xxd xz yes zcat';

/** Links for the usual small programs to busybox; put last, so that a package's own program wins. */
export const shellLinks = (): readonly LayerEntry[] =>
  APPLETS.split(' ').map((applet) => symlink(`usr/bin/${applet}`, 'busybox'));
