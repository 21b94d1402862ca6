// The real apps as production gets them: bundled into a folder outside of the checkout, run there by a bare Node.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bundle } from './bundle.ts';
import { bundle } from './bundle.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const apps = ['apps/api', 'apps/spawner', 'apps/health', 'apps/auth-forward', 'tools/dev-identity'];

let elsewhere = '';
const bundles = new Map<string, Bundle>();

beforeAll(async () => {
  elsewhere = await mkdtemp(join(tmpdir(), 'pods-apps-'));
  for (const app of apps) bundles.set(app, await bundle(join(root, app), join(elsewhere, app)));
});
afterAll(async () => {
  await rm(elsewhere, { recursive: true });
});

const bundleOf = (app: string): Bundle => {
  const made = bundles.get(app);
  if (made === undefined) throw new Error(`${app} was not bundled`);
  return made;
};

describe.each(apps)('the bundle of %s', (app) => {
  it('refuses to start without settings and names them', async () => {
    const started = spawn(process.execPath, [bundleOf(app).file], { cwd: elsewhere, env: {}, timeout: 20_000 });
    const [stdout, stderr, ended] = await Promise.all([
      text(started.stdout),
      text(started.stderr),
      once(started, 'exit'),
    ]);
    expect(ended).toEqual([1, null]);
    expect(stderr).toBe('');
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'fatal', code: 'bad_configuration' });
    expect(stdout).toContain('PODS_SITE');
  });
});

describe('the bundle of apps/api', () => {
  const asset = async (path: string) => readFile(join(elsewhere, 'apps/api/assets/swagger-ui-dist', path));

  it('has the files of its page beside it', async () => {
    for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'LICENSE']) {
      expect(await asset(file)).toEqual(await readFile(join(root, 'node_modules/swagger-ui-dist', file)));
    }
    expect(bundleOf('apps/api').assets).toContain(join(elsewhere, 'apps/api/assets/swagger-ui-dist/swagger-ui.css'));
  });

  it('finds them there, without node_modules', async () => {
    const [withAssets, without] = [join(elsewhere, 'page'), join(elsewhere, 'page-alone')];
    await bundlePage(withAssets, await readFile(join(root, 'apps/api/package.json'), 'utf8'));
    await bundlePage(without, '{}');
    const shown = async (folder: string): Promise<string> => {
      const { stdout } = await run(process.execPath, [join(folder, 'main.js')], { cwd: elsewhere });
      return stdout;
    };
    expect(await shown(withAssets)).toBe((await asset('swagger-ui.css')).toString());
    expect(await shown(without)).toBe('refused');
  });
});

/** The page's route alone, bundled as the app is: the app itself listens only when it has NATS. */
async function bundlePage(dist: string, packageJson: string): Promise<void> {
  // Below node_modules, so that packages are found as an app finds them, and git sees nothing of it.
  const project = await mkdtemp(join(root, 'node_modules', '.bundle-spec-'));
  try {
    await mkdir(join(project, 'src'));
    await writeFile(join(project, 'package.json'), packageJson);
    await writeFile(
      join(project, 'src', 'main.ts'),
      `import { docsAsset } from ${JSON.stringify(join(root, 'apps/api/src/routes/docs.route.ts'))};
      const answer = docsAsset.handle({ params: { asset: 'swagger-ui.css' } });
      process.stdout.write(answer.kind === 'raw' ? await answer.response.text() : answer.kind);`,
    );
    await bundle(project, dist);
  } finally {
    await rm(project, { recursive: true });
  }
}

describe('the bundle of tools/dev-identity', () => {
  it('serves when it is told what it needs', async () => {
    const env = {
      PODS_ENV: 'development',
      PODS_SITE: 'local',
      IDENTITY_FILE: join(root, 'tools/dev-identity/identity.yaml'),
      IDENTITY_STATE_DIR: join(elsewhere, 'identity'),
      HTTP_PORT: '0',
      OPS_PORT: '0',
    };
    const child = spawn(process.execPath, [bundleOf('tools/dev-identity').file], { cwd: elsewhere, env });
    const ended = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.includes('"serving development identities"')) continue;
      const port = /"port":(\d+)/.exec(line)?.[1] ?? '';
      const reply = await fetch(`http://127.0.0.1:${port}/v3/tenants`);
      expect(await reply.text()).toContain('BEGIN PUBLIC KEY');
      break;
    }
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});
