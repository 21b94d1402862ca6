// The HTTP face: the document for Traefik and the pages for visitors. Not reachable from outside but through Traefik,
// which replaces every path by one of the pages'.
import { failure } from '@pods/contracts';
import { Hono } from 'hono';
import packageJson from '../package.json' with { type: 'json' };
import { pagePaths } from './edge/render-shared.ts';
import type { HostIndex } from './pages/page-for-host.ts';
import { visitedHost } from './pages/page-for-host.ts';
import type { Page } from './pages/splash.ts';
import { notFoundPage, splashPage } from './pages/splash.ts';

const awayText = 'The service behind this address cannot be reached now. Try again.';

export interface AppDeps {
  /** Undefined while the replica is not loaded: Traefik then keeps what it has. */
  readonly document: () => string | undefined;
  readonly hosts: Pick<HostIndex, 'statusAt'>;
}

export function buildApp({ document, hosts }: AppDeps): Hono {
  const app = new Hono();
  app.get('/traefik-config', (c) => {
    const text = document();
    if (text === undefined) return c.json({ message: 'not loaded yet' }, 503, { 'retry-after': '1' });
    return c.body(text, 200, { 'content-type': 'application/json' });
  });
  app.all(pagePaths.splash, (c) => {
    const status = hosts.statusAt(visitedHost(c.req.raw.headers));
    return answer(status === undefined ? notFoundPage() : splashPage(status));
  });
  app.all(pagePaths.notFound, () => answer(notFoundPage()));
  app.all(pagePaths.away, (c) => c.json(failure(packageJson.version, awayText), 503, { 'retry-after': '2' }));
  app.notFound(() => answer(notFoundPage()));
  return app;
}

function answer(page: Page): Response {
  const headers = new Headers({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store, no-cache, must-revalidate',
    'x-robots-tag': 'noindex, nofollow',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  });
  if (page.refreshSeconds !== undefined) headers.set('retry-after', String(page.refreshSeconds));
  return new Response(page.html, { status: page.status, headers });
}
