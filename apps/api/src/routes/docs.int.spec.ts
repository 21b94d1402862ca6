// The page that shows the document: everything that it needs comes from the API itself, under either address.
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiFixture } from '../testing/api-fixture.ts';
import { apiFixture } from '../testing/api-fixture.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture();
});
afterAll(() => fixture.stop());

const get = (path: string) => fixture.call(path, { as: null });

describe.each(['/docs', '/v3/docs', '/pods/docs', '/v3/pods/docs'])('the page at %s', (path) => {
  it('is made of files that are there, and of nothing from elsewhere', async () => {
    const page = await get(path);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file);
    expect(files).toHaveLength(4);
    for (const file of files) {
      const { pathname } = new URL(file, `https://dev.test${path}`);
      expect((await get(pathname)).status).toBe(200);
    }
  });

  it('has scripts that a browser understands', async () => {
    const bundle = await get(`${path}/swagger-ui-bundle.js`);
    expect(bundle.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(bundle.text.length).toBeGreaterThan(500_000);
    const shown: unknown[] = [];
    const window = { SwaggerUIBundle: (options: unknown) => void shown.push(options) };
    const start = await get(`${path}/start.js`);
    runInNewContext(start.text, { window });
    expect(shown).toMatchObject([{ url: 'openapi.json', dom_id: '#page' }]);
  });

  it.each(['package.json', '..%2fpackage.json', 'swagger-ui.js'])('gives out no other file: %s', async (file) => {
    expect((await get(`${path}/${file}`)).status).toBe(404);
  });
});
