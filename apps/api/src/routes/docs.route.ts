// The OpenAPI document and the page that shows it, each at the root and below /pods. Everything that the page needs is
// served from here, nothing from elsewhere.
import { readFileSync } from 'node:fs';
import type { Endpoint } from '../http/endpoint.ts';
import { refused } from '../http/endpoint.ts';
import { jsonResponse } from '../http/render.ts';

/** Serves a document that was built once. */
export function openApiDocument(document: object) {
  return {
    access: 'public',
    handle: () => ({ kind: 'raw', response: jsonResponse(document, 200) }),
  } satisfies Endpoint;
}

// Paths are relative, so that the same page works below every prefix.
const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pods API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<noscript><p>This page needs JavaScript. The description itself is at <a href="openapi.json">openapi.json</a>.</p></noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;

// Where the page's own files are missing, it is a plain list of the operations.
const startScript = `const plainList = async ({ url, dom_id }) => {
  const { info, paths } = await (await fetch(url)).json();
  const page = document.querySelector(dom_id);
  const add = (tag, text) => page.appendChild(Object.assign(document.createElement(tag), { textContent: text }));
  add('h1', info.title);
  add('p', info.description);
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(item)) {
      add('h2', method.toUpperCase() + ' ' + path);
      add('p', operation.summary + '. ' + (operation.description ?? ''));
    }
  }
};
(window.SwaggerUIBundle ?? plainList)({ url: 'openapi.json', dom_id: '#page', deepLinking: true, validatorUrl: null });
`;

const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

export const docsPage = {
  access: 'public',
  handle: () => ({ kind: 'raw', response: fileResponse(page, 'text/html; charset=utf-8') }),
} satisfies Endpoint;

interface Asset {
  readonly contentType: string;
  readonly url: () => string;
}

/** A short list, so that no path reaches the file system. */
const assets: ReadonlyMap<string, Asset> = new Map([
  [
    'swagger-ui.css',
    { contentType: 'text/css; charset=utf-8', url: () => import.meta.resolve('swagger-ui-dist/swagger-ui.css') },
  ],
  [
    'swagger-ui-bundle.js',
    {
      contentType: 'text/javascript; charset=utf-8',
      url: () => import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js'),
    },
  ],
]);

/** The page's own files. */
export const docsAsset = {
  access: 'public',
  handle: (request) => {
    const name = request.params['asset'] ?? '';
    if (name === 'start.js') {
      return { kind: 'raw', response: fileResponse(startScript, 'text/javascript; charset=utf-8') };
    }
    const asset = assets.get(name);
    const file = asset === undefined ? undefined : readAsset(name, asset);
    if (asset === undefined || file === undefined) {
      return refused({ code: 'UnknownRoute', method: 'GET', path: `/docs/${name}` });
    }
    return { kind: 'raw', response: fileResponse(file, asset.contentType) };
  },
} satisfies Endpoint;

/** From beside the bundle (`bundle.assets` in package.json), else from the package; undefined where neither has it. */
function readAsset(name: string, { url }: Asset): Uint8Array<ArrayBuffer> | undefined {
  const places = [() => new URL(`./assets/swagger-ui-dist/${name}`, import.meta.url), () => new URL(url())];
  for (const place of places) {
    try {
      return readFileSync(place());
    } catch {
      // Not there: the next place may have it.
    }
  }
  return undefined;
}

function fileResponse(content: string | Uint8Array<ArrayBuffer>, contentType: string): Response {
  return new Response(content, {
    headers: {
      'Content-Type': contentType,
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'public, max-age=3600',
    },
  });
}
