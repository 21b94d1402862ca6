// Guarantees about taking one context out of a kubeconfig, with real files.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chooseKubeconfig } from './kubeconfig.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pods-kubeconfig-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const put = async (name: string, content: string): Promise<string> => {
  const file = join(folder, name);
  await writeFile(file, content, { mode: 0o600 });
  return file;
};

type Parts = { readonly cluster?: object; readonly user?: object; readonly more?: object };

const config = async ({ cluster = {}, user = {}, more = {} }: Parts = {}): Promise<string> =>
  await put(
    'config',
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://c.example:6443', ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [
        { name: 'one', context: { cluster: 'c', user: 'u', namespace: 'theirs' } },
        { name: 'two', context: { cluster: 'c', user: 'nobody' } },
        { name: 'three', context: { cluster: 'c' } },
      ],
      'current-context': 'one',
      ...more,
    }),
  );

const choose = async (file: string, context?: string) => await chooseKubeconfig({ file, context });

describe('chooseKubeconfig', () => {
  it('takes the current context with its cluster and user, and nothing else', async () => {
    const file = await config({
      user: { token: 't' },
      cluster: { 'tls-server-name': 'inside', 'proxy-url': 'http://p' },
    });
    const { context, server, text } = await choose(file);
    expect({ context, server }).toEqual({ context: 'one', server: 'https://c.example:6443' });
    expect(parse(text)).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'c',
          cluster: { server: 'https://c.example:6443', 'tls-server-name': 'inside', 'proxy-url': 'http://p' },
        },
      ],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'one',
    });
  });

  it('takes in the files that it names, from its own folder on', async () => {
    await mkdir(join(folder, 'keys'));
    for (const name of ['ca', 'cert', 'key', 'token']) await put(`keys/${name}`, `the ${name}\n`);
    const file = await config({
      cluster: { 'certificate-authority': 'keys/ca' },
      user: { 'client-certificate': 'keys/cert', 'client-key': join(folder, 'keys', 'key'), tokenFile: 'keys/token' },
    });
    expect(parse((await choose(file)).text)).toMatchObject({
      clusters: [{ cluster: { 'certificate-authority-data': base64('the ca\n') } }],
      users: [
        {
          user: {
            'client-certificate-data': base64('the cert\n'),
            'client-key-data': base64('the key\n'),
            token: 'the token',
          },
        },
      ],
    });
  });

  it.each([
    ['./login.sh', (at: string) => join(at, 'login.sh')],
    ['cloud-login', () => 'cloud-login'],
    ['/opt/login', () => '/opt/login'],
  ])('leaves a program that gives out credentials one, %s', async (command, expected) => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command, args: ['token'], interactiveMode: 'Never' };
    const file = await config({ user: { exec } });
    expect(parse((await choose(file)).text)).toMatchObject({
      users: [{ user: { exec: { ...exec, command: expected(folder) } } }],
    });
  });

  it.each<readonly [string, Parts, string | undefined, RegExp]>([
    ['an unknown context', {}, 'none', /has no context "none": correct --context\. It has: one, two, three\.$/],
    [
      'no current context',
      { more: { 'current-context': '' } },
      undefined,
      /has no current context: name one with --context NAME\. It has: one, two, three\.$/,
    ],
    ['a context without a user', {}, 'three', /has no user, or one$/],
    ['a user that is missing', {}, 'two', /has no user, or one, nobody, which is missing$/],
    ['a SOCKS proxy', { cluster: { 'proxy-url': 'socks5://p' } }, undefined, /SOCKS proxy, which is not supported/],
    ['groups to act as', { user: { 'as-groups': ['g'] } }, undefined, /as-groups, which is not supported/],
    [
      'a file that is not there',
      { user: { tokenFile: 'gone' } },
      undefined,
      /\/gone, which cannot be read: there is no such file\.$/,
    ],
    [
      'an address that is none',
      { cluster: { server: 'here' } },
      undefined,
      /is no kubeconfig \(clusters: 0: cluster: server: /,
    ],
  ])('refuses %s and says what to correct', async (_what, parts, context, message) => {
    await expect(choose(await config(parts), context)).rejects.toThrow(message);
  });

  it('refuses what is no kubeconfig at all without repeating what may be secret', async () => {
    await expect(choose(join(folder, 'gone'))).rejects.toThrow(
      /cannot be read: there is no such file\. Correct --kubeconfig/,
    );
    await expect(choose(folder)).rejects.toThrow('it is a folder');
    const file = await put('odd', 'a: [password\nb: }');
    await expect(choose(file)).rejects.toThrow(/is no kubeconfig \(/);
    await expect(choose(file)).rejects.not.toThrow('password');
  });
});
