// Every command line means one thing, or is refused with a message that says what to type.
import { describe, expect, it } from 'vitest';
import { productionSizes } from '../nats/definitions.ts';
import { natsUserNames } from '../nats/users.ts';
import { parseCommandLine, UsageError } from './command-line.ts';
import { commands } from './flags.ts';

const parse = (text: string, environment = {}): ReturnType<typeof parseCommandLine> =>
  parseCommandLine(text.split(' '), environment);
const keys = natsUserNames.map((name) => `--key ${name}=U1`).join(' ');

describe('nats', () => {
  it('is three copies and the production sizes unless told', () => {
    expect(parse('nats --url nats://a:4222,tls://b:4222 --seed-file s')).toMatchObject({
      command: 'work',
      json: false,
      line: {
        command: 'nats',
        check: false,
        servers: ['nats://a:4222', 'tls://b:4222'],
        seedFile: 's',
        replicas: 3,
        maxBytes: productionSizes,
        names: { prefix: '' },
      },
    });
  });

  it('takes sizes one by one', () => {
    const parsed = parse(
      'nats --url nats://a --replicas 1 --max-bytes pod-events=40GiB --max-bytes poison=7 --check --json',
    );
    expect(parsed).toMatchObject({
      json: true,
      line: { check: true, replicas: 1, maxBytes: { ...productionSizes, podEvents: 40 * 1024 ** 3, poison: 7 } },
    });
  });

  it('reads from the environment what no flag says', () => {
    const environment = { NATS_URL: 'nats://env', NATS_NKEY_SEED_FILE: 'env-seed', PODS_PREFIX: 'env' };
    expect(parse('nats', environment)).toMatchObject({
      line: { servers: ['nats://env'], seedFile: 'env-seed', names: { prefix: 'env' } },
    });
    expect(parse('nats --url nats://flag --prefix flag', environment)).toMatchObject({
      line: { servers: ['nats://flag'], names: { prefix: 'flag' } },
    });
  });

  it.for([
    ['nats', '--url (or NATS_URL) is needed'],
    ['nats --url localhost:4222', 'nats:// or tls://'],
    ['nats --url nats://u:secret@a', 'no user or password'],
    ['nats --url nats://a --replicas 2', '1, 3 or 5'],
    ['nats --url nats://a --replicas 0', '1, 3 or 5'],
    ['nats --url nats://a --max-bytes 5GiB', 'NAME=SIZE'],
    ['nats --url nats://a --max-bytes logs=5GiB', 'pod-logs'],
    ['nats --url nats://a --max-bytes poison=5GB', 'no size'],
    ['nats --url nats://a --max-bytes poison=0', 'no size'],
    ['nats --url nats://a --prefix A.b', 'lower-case letters and digits'],
    ['nats --url nats://a --kubeconfig k', '--kubeconfig'],
    ['nats --url', '--url'],
  ] as const)('%s is refused', ([text, message]) => {
    expect(() => parse(text)).toThrow(UsageError);
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).toThrow('nats --help');
    expect(() => parse(text)).not.toThrow('secret@');
  });
});

describe('users', () => {
  it('needs the key of every user, once', () => {
    expect(parse(`users ${keys}`)).toMatchObject({
      line: { command: 'users', publicKeys: new Map(natsUserNames.map((name) => [name, 'U1'])) },
    });
    expect(() => parse('users --key admin=U1 --key api=U1')).toThrow('missing for spawner, health, auth-forward');
    expect(() => parse(`users ${keys} --key api=U2`)).toThrow('api twice');
    expect(() => parse(`users ${keys} --key traefik=U2`)).toThrow('USER=PUBLICKEY');
  });
});

describe('postgres', () => {
  it('needs passwords to set up and none to compare', () => {
    expect(parse('postgres --admin-url-file u --check')).toMatchObject({
      line: { names: { database: 'pods', owner: 'pods_owner', api: 'pods_api' }, write: undefined },
    });
    const files = '--owner-password-file o --api-password-file a';
    expect(parse(`postgres --admin-url-file u ${files} --api-url-file w`)).toMatchObject({
      line: { write: { ownerPasswordFile: 'o', apiPasswordFile: 'a', apiUrlFile: 'w' } },
    });
    expect(() => parse('postgres --admin-url-file u')).toThrow('--owner-password-file is needed');
    expect(() => parse('postgres --check')).toThrow('--admin-url-file (or DATABASE_ADMIN_URL_FILE) is needed');
  });

  it('refuses a secret on the command line without repeating it', () => {
    const given = (): unknown => parse('postgres postgres://admin:hush@db/postgres --check');
    expect(given).toThrow('secrets come from files');
    expect(given).not.toThrow('hush');
  });
});

describe('kubernetes', () => {
  it('works in the namespace pods unless told', () => {
    expect(parse('kubernetes --kubeconfig k')).toMatchObject({
      line: { kubeconfigFile: 'k', namespace: 'pods', appKubeconfigs: undefined, check: false },
    });
    expect(parse('kubernetes --app-kubeconfigs d', { KUBECONFIG_FILE: 'e', KUBE_NAMESPACE: 'n' })).toMatchObject({
      line: { kubeconfigFile: 'e', namespace: 'n', appKubeconfigs: 'd' },
    });
    expect(() => parse('kubernetes')).toThrow('--kubeconfig (or KUBECONFIG_FILE) is needed');
  });
});

describe('help', () => {
  it('is there for all and for each command, whatever else is missing', () => {
    for (const text of ['--help', '-h', 'help']) expect(parse(text)).toEqual({ command: 'help', of: undefined });
    for (const of of commands) expect(parse(`${of} -h`)).toEqual({ command: 'help', of });
  });

  it('is pointed to when the command is not known', () => {
    for (const text of ['', 'nat', '--check nats']) {
      expect(() => parse(text)).toThrow(/users, nats, postgres, kubernetes, remove-pod\.\n.*main\.ts --help/);
    }
  });
});

describe('remove-pod', () => {
  it('names one pod of one tenant', () => {
    const parsed = parse('remove-pod --url nats://a --tenant dev --pod docpod --check');
    expect(parsed).toMatchObject({ line: { check: true, key: { tenant: 'dev', podId: 'docpod' } } });
  });

  it.for([
    ['remove-pod --url nats://a --tenant dev', '--pod is needed'],
    ['remove-pod --url nats://a --tenant dev --pod doc.*', '--pod is no id'],
    ['remove-pod --url nats://a --tenant > --pod docpod', '--tenant is no id'],
  ])('%s is refused', ([line = '', message = '']) => {
    expect(() => parse(line)).toThrow(message);
  });
});
