// For specs: walks pages as a browser does, with cookies, redirects within the host, and forms with their hidden fields.
import type { Hono } from 'hono';
import { devHost } from './test-app.ts';

export interface Browser {
  readonly open: (path: string) => Promise<void>;
  /** Fills the form of the page and sends it; hidden fields go along. */
  readonly submit: (fields: Readonly<Record<string, string>>) => Promise<void>;
  /** Sends a form that no page offered. */
  readonly post: (path: string, fields: Readonly<Record<string, string>>) => Promise<void>;
  /** Where the browser is: a whole address, also of another host that it was sent to. */
  readonly address: () => string;
  readonly path: () => string;
  readonly status: () => number;
  readonly text: () => string;
  readonly headers: () => Headers;
  /** Value of a hidden field. */
  readonly field: (name: string) => string;
  readonly cookie: (name: string) => { readonly value: string; readonly attributes: readonly string[] };
  readonly setCookie: (name: string, value: string) => void;
}

const origin = `https://${devHost}`;
const redirectsMax = 5;

export function createBrowser(app: Hono): Browser {
  const cookies = new Map<string, { value: string; attributes: readonly string[] }>();
  let address = origin;
  let text = '';
  let response = new Response();

  const keepCookies = (headers: Headers): void => {
    for (const line of headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const [name = '', value = ''] = pair.split('=');
      if (attributes.includes('Max-Age=0')) cookies.delete(name);
      else cookies.set(name, { value: decodeURIComponent(value), attributes });
    }
  };

  const go = async (url: URL, body?: URLSearchParams, redirectsLeft = redirectsMax): Promise<void> => {
    address = url.href;
    if (url.origin !== origin) return;
    const cookie = [...cookies].map(([name, { value }]) => `${name}=${encodeURIComponent(value)}`).join('; ');
    const headers = { host: devHost, cookie, 'content-type': 'application/x-www-form-urlencoded' };
    const method = body === undefined ? 'GET' : 'POST';
    response = await app.request(url.href, {
      method,
      headers,
      ...(body === undefined ? {} : { body: body.toString() }),
    });
    keepCookies(response.headers);
    text = await response.text();
    const location = response.headers.get('location');
    if (location === null) return;
    if (redirectsLeft === 0) throw new Error('too many redirects');
    await go(new URL(location, url), undefined, redirectsLeft - 1);
  };

  const hiddenFields = (): Map<string, string> =>
    new Map(
      [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
        name,
        unescape(value),
      ]),
    );

  return {
    open: async (path) => {
      await go(new URL(path, origin));
    },
    submit: async (fields) => {
      const [form = ''] = /<form[^>]*>/.exec(text) ?? [];
      const [, action] = /action="([^"]*)"/.exec(form) ?? [];
      if (action === undefined) throw new Error(`no form on ${address}`);
      const sent = new URLSearchParams([...hiddenFields(), ...Object.entries(fields)]);
      if (form.includes('method="post"')) await go(new URL(action, origin), sent);
      else await go(new URL(`${action}?${sent.toString()}`, origin));
    },
    post: async (path, fields) => {
      await go(new URL(path, origin), new URLSearchParams(fields));
    },
    address: () => address,
    path: () => address.slice(origin.length),
    status: () => response.status,
    text: () => text,
    headers: () => response.headers,
    field: (name) => hiddenFields().get(name) ?? '',
    cookie: (name) => {
      const found = cookies.get(name);
      if (found === undefined) throw new Error(`no cookie ${name}`);
      return found;
    },
    setCookie: (name, value) => {
      cookies.set(name, { value, attributes: [] });
    },
  };
}

function unescape(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
