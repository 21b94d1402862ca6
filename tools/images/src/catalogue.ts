// The images that are built here, one after the other. Data only; what the fields mean is in
// definition.ts, how an image is made of them in build.ts.
import type { DebianPart, ImageDefinition } from './definition.ts';

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Packages that are only needed to install and configure others, or hold nothing but documentation. */
const SETUP_ONLY: readonly string[] = [
  'adduser',
  'debconf',
  'dpkg',
  'gcc-12-base',
  'init-system-helpers',
  'libacl1',
  'libfile-find-rule-perl',
  'libjson-perl',
  'libmd0',
  'libnumber-compare-perl',
  'libpcre2-8-0',
  'libperl5*',
  'libselinux1',
  'libsemanage*',
  'libsepol2',
  'libtext-glob-perl',
  'lsb-base',
  'passwd',
  'perl*',
  'sensible-utils',
  'sysvinit-utils',
  'tar',
  'ucf',
  'usrmerge',
];

/** Kerberos and the old RPC library, which come along with rarely used parts of other packages. */
const KERBEROS_AND_RPC: readonly string[] = [
  'libcom-err2',
  'libgssapi-krb5-2',
  'libk5crypto3',
  'libkeyutils1',
  'libkrb5*',
  'libnsl2',
  'libtirpc*',
];

/** The packages with what they depend on, and busybox for a shell and small tools. */
const debian = (part: Partial<DebianPart> & Pick<DebianPart, 'packages'>): DebianPart => ({
  packages: [...part.packages, 'busybox'],
  leaveOut: [...SETUP_ONLY.filter((name) => !part.packages.includes(name)), ...(part.leaveOut ?? [])],
  dropPaths: part.dropPaths ?? [],
});

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

const nginx: ImageDefinition = {
  name: 'nginx',
  tag: '1',
  description: 'The nginx web server on port 80, serving /usr/share/nginx/html',
  debian: debian({
    // PCRE is what nginx matches locations with; elsewhere it only comes along with SELinux.
    packages: ['nginx', 'libpcre2-8-0'],
    leaveOut: [
      ...KERBEROS_AND_RPC,
      'iproute2',
      'libbpf1',
      'libbsd0',
      'libcap2*',
      'libdb5.3',
      'libelf1',
      'libmnl0',
      'libxtables12',
    ],
    dropPaths: ['etc/nginx/sites-available/', 'etc/nginx/sites-enabled/', 'var/www/'],
  }),
  users: [{ name: 'www-data', id: 33, home: '/var/www' }],
  folders: [{ path: '/etc/nginx/conf.d', mode: 0o755, ownerId: 0 }],
  files: [
    { from: 'nginx/nginx.conf', to: '/etc/nginx/nginx.conf', mode: 0o644 },
    { from: 'nginx/default.conf', to: '/etc/nginx/conf.d/default.conf', mode: 0o644 },
  ],
  links: [
    { path: '/var/log/nginx/access.log', target: '/dev/stdout' },
    { path: '/var/log/nginx/error.log', target: '/dev/stderr' },
  ],
  config: {
    Cmd: ['nginx', '-g', 'daemon off;'],
    Env: [PATH],
    ExposedPorts: { '80/tcp': {} },
    // Lets requests in flight end.
    StopSignal: 'SIGQUIT',
  },
};

const redis: ImageDefinition = {
  name: 'redis',
  tag: '7',
  description: 'The Redis key-value store on port 6379, data in /data',
  debian: debian({
    packages: ['redis-server', 'gosu'],
    leaveOut: ['libaudit*', 'libbz2-1.0', 'libcap-ng0', 'libcrypt1', 'libdb5.3', 'libgdbm*', 'libpam*', 'zlib1g'],
    dropPaths: ['etc/redis/'],
  }),
  users: [{ name: 'redis', id: 999, home: '/data' }],
  folders: [{ path: '/data', mode: 0o755, ownerId: 999 }],
  files: [
    { from: 'redis/entrypoint.sh', to: '/usr/local/bin/entrypoint.sh', mode: 0o755 },
    { from: 'redis/container.conf', to: '/etc/redis/container.conf', mode: 0o644 },
  ],
  links: [],
  config: {
    Entrypoint: ['entrypoint.sh'],
    Cmd: ['redis-server'],
    Env: [PATH],
    ExposedPorts: { '6379/tcp': {} },
    Volumes: { '/data': {} },
    WorkingDir: '/data',
  },
};

const postgres: ImageDefinition = {
  name: 'postgres',
  tag: '15',
  description:
    'The PostgreSQL database on port 5432 with TLS; settings as POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB',
  debian: debian({
    packages: ['postgresql-15', 'openssl', 'gosu'],
    // LLVM only speeds up long queries, and is larger than the rest together.
    leaveOut: [
      'libbsd0',
      'libc-l10n',
      'libdb5.3',
      'libedit2',
      'libgdbm*',
      'libllvm14',
      'libpam-modules*',
      'libsasl2-modules-db',
      'libz3-4',
      'locales',
      'postgresql-client-common',
      'postgresql-common',
      'ssl-cert',
    ],
    dropPaths: [
      'usr/lib/postgresql/15/lib/bitcode/',
      'usr/lib/postgresql/15/lib/llvmjit.so',
      'usr/lib/postgresql/15/lib/llvmjit_types.bc',
      'usr/share/postgresql/15/man/',
    ],
  }),
  users: [{ name: 'postgres', id: 999, home: '/var/lib/postgresql' }],
  folders: [
    { path: '/var/lib/postgresql', mode: 0o755, ownerId: 999 },
    { path: '/var/lib/postgresql/data', mode: 0o700, ownerId: 999 },
    { path: '/run/postgresql', mode: 0o775, ownerId: 999 },
  ],
  files: [{ from: 'postgres/entrypoint.sh', to: '/usr/local/bin/entrypoint.sh', mode: 0o755 }],
  links: [],
  config: {
    Entrypoint: ['entrypoint.sh'],
    Cmd: ['postgres'],
    Env: [`${PATH}:/usr/lib/postgresql/15/bin`, 'PGDATA=/var/lib/postgresql/data', 'LANG=C.UTF-8'],
    ExposedPorts: { '5432/tcp': {} },
    Volumes: { '/var/lib/postgresql/data': {} },
    // Fast shutdown: SIGTERM would wait for clients to leave.
    StopSignal: 'SIGINT',
  },
};

const python: ImageDefinition = {
  name: 'python',
  tag: '3.11',
  description: 'Python with its standard library; runs a small web application on port 5000 unless told otherwise',
  debian: debian({
    packages: ['python3', 'ca-certificates'],
    leaveOut: [...KERBEROS_AND_RPC, 'openssl'],
    dropPaths: [
      'usr/lib/python3.11/lib-dynload/nis.',
      'usr/lib/python3.11/test/',
      'usr/lib/python3.11/idlelib/',
      'usr/share/python3/',
    ],
  }),
  users: [],
  folders: [],
  files: [{ from: 'python/app.py', to: '/app/app.py', mode: 0o644 }],
  links: [
    { path: '/usr/bin/python', target: 'python3' },
    { path: '/usr/lib/ssl/cert.pem', target: '/etc/ssl/certs/ca-certificates.crt' },
  ],
  config: {
    Cmd: ['python3', '/app/app.py'],
    Env: [PATH, 'LANG=C.UTF-8', 'PYTHONUNBUFFERED=1', 'PYTHONDONTWRITEBYTECODE=1'],
    ExposedPorts: { '5000/tcp': {} },
    WorkingDir: '/app',
  },
};

/** All images, in the order in which they are listed. */
export const catalogue: readonly ImageDefinition[] = [webpage, nginx, redis, postgres, python];
