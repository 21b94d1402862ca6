// Decides where a path of a Debian package lands in an image, and which paths stay out. Pure.
import { MERGED_FOLDERS } from '../layer/base-files.ts';

const DROPPED_EVERYWHERE: readonly string[] = [
  'usr/share/man/',
  'usr/share/info/',
  'usr/share/locale/',
  'usr/share/lintian/',
  'usr/share/bug/',
  'usr/share/bash-completion/',
  'usr/share/apport/',
  'usr/share/gcc/',
  'usr/share/debconf/',
  'usr/share/pixmaps/',
  'usr/share/icons/',
  'usr/share/applications/',
  'usr/lib/systemd/',
  'usr/lib/init/',
  'usr/lib/udev/',
  'usr/lib/sysusers.d/',
  'usr/lib/tmpfiles.d/',
  'etc/init.d/',
  'etc/systemd/',
  'etc/logrotate.d/',
  'etc/cron.d/',
  'etc/cron.daily/',
  'etc/default/',
  'etc/ufw/',
  'etc/apparmor.d/',
];

/** Character set tables of the C library: 8 MB that only iconv reads. */
const ICONV_TABLES = /^usr\/lib\/[^/]+\/gconv\//;

const DOCUMENTATION = /^usr\/share\/doc\/[^/]+\/(?!copyright$)/;

/** The path below the image's root without `./`, with merged folders moved below `usr`; undefined for the root itself. */
export const placeOf = (packagePath: string): string | undefined => {
  const path = packagePath.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');
  if (path === '' || path === '.') return undefined;
  const [first = ''] = path.split('/');
  return MERGED_FOLDERS.includes(first) ? `usr/${path}` : path;
};

/** Whether a placed path is taken into the image. Copyright files always are. */
export const isKept = (path: string, dropPaths: readonly string[]): boolean => {
  const below = `${path}/`;
  if (DOCUMENTATION.test(path) || ICONV_TABLES.test(below)) return false;
  return ![...DROPPED_EVERYWHERE, ...dropPaths].some((prefix) => path.startsWith(prefix) || below === prefix);
};
