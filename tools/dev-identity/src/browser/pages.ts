// The pages for people, as HTML. Everything that comes from outside goes through hono's `html`, which escapes it.
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { html, raw } from 'hono/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { messageOf } from '../http/envelope.ts';
import { refusals, type Refusal } from '../refusals.ts';

type Markup = ReturnType<typeof html>;

const style = `
body { font: 1rem/1.5 system-ui, sans-serif; background: #f6f8fb; color: #1d2433; margin: 12vh auto; max-width: 26rem; padding: 0 1.25rem }
main { background: #fff; border: 1px solid #d9dfe9; border-radius: .75rem; padding: 1.5rem }
h1 { font-size: 1.3rem; margin: 0 0 .75rem }
label { display: block; margin: .75rem 0 .25rem }
input { font: inherit; width: 100%; box-sizing: border-box; padding: .5rem; border: 1px solid #8b95a7; border-radius: .375rem }
button { font: inherit; margin: 1rem .5rem 0 0; padding: .5rem 1rem; border: 1px solid #1f4fd1; border-radius: .375rem; background: #1f4fd1; color: #fff; cursor: pointer }
button.plain { background: #fff; color: #1f4fd1 }
.wrong { color: #a4131f } .note { color: #5a6478; font-size: .875rem } dd { margin: 0 0 .5rem; overflow-wrap: anywhere } dt { color: #5a6478 }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

export interface Page {
  readonly title: string;
  readonly content: Markup;
  readonly status?: ContentfulStatusCode;
  /** Where the page's form may lead besides here: browsers also check the redirect that answers a form. */
  readonly formLeadsTo?: string;
}

/** A whole page with headers that forbid framing, scripts, caching and leaking addresses. */
export async function showPage(c: Context, page: Page): Promise<Response> {
  const { title, content, status = 200, formLeadsTo } = page;
  const formAction = ["'self'", ...(formLeadsTo === undefined ? [] : [new URL(formLeadsTo).origin])].join(' ');
  c.header(
    'content-security-policy',
    `default-src 'none'; style-src 'sha256-${styleHash}'; form-action ${formAction}; frame-ancestors 'none'; base-uri 'none'`,
  );
  c.header('x-frame-options', 'DENY');
  c.header('x-content-type-options', 'nosniff');
  c.header('referrer-policy', 'no-referrer');
  c.header('cache-control', 'no-store');
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        ${raw(`<style>${style}</style>`)}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
        <p class="note">Development log-in of this machine's platform. Do not use real passwords here.</p>
      </body>
    </html>`;
  return await c.html(document, status);
}

/** A page that says why not. */
export async function refusedPage(c: Context, refusal: Refusal): Promise<Response> {
  const { status } = refusals[refusal.refused];
  return await showPage(c, { title: 'That did not work', content: html`<p>${messageOf(refusal)}</p>`, status });
}

/** Hidden fields of a form. */
function hidden(fields: Readonly<Record<string, string | undefined>>): readonly Markup[] {
  return Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [html`<input type="hidden" name="${name}" value="${value}" />`],
  );
}

export interface LoginForm {
  readonly tenantId: string;
  readonly csrf: string;
  /** What to go on with after the login. */
  readonly fields: Readonly<Record<string, string | undefined>>;
  readonly problem?: string;
}

/** The log-in form. */
export function loginForm({ tenantId, csrf, fields, problem }: LoginForm): Markup {
  return html`<form method="post" action="/v3/oauth2/login">
    ${problem === undefined ? '' : html`<p class="wrong" role="alert">${problem}</p>`}
    <p>Tenant: <strong>${tenantId}</strong></p>
    <label for="username">User name</label>
    <input id="username" name="username" autocomplete="username" autofocus required />
    <label for="password">Password</label>
    <input id="password" name="password" type="password" autocomplete="current-password" required />
    ${hidden({ ...fields, csrf })}
    <button>Log in</button>
  </form>`;
}

export interface ApproveForm {
  readonly action: string;
  readonly csrf: string;
  readonly username: string;
  readonly clientId: string;
  readonly clientName: string;
  readonly details: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string | undefined>>;
}

/** The question whether a client may act as the user. */
export function approveForm(form: ApproveForm): Markup {
  const name = form.clientName === '' ? form.clientId : form.clientName;
  const details = Object.entries({ client: form.clientId, ...form.details });
  return html`<form method="post" action="${form.action}">
      <p><strong>${name}</strong> asks to act as <strong>${form.username}</strong>.</p>
      <dl>
        ${details.map(
          ([term, value]) =>
            html`<dt>${term}</dt>
              <dd>${value}</dd>`,
        )}
      </dl>
      ${hidden({ ...form.fields, csrf: form.csrf })}
      <button name="approve" value="yes">Allow</button>
      <button name="approve" value="no" class="plain">Refuse</button>
    </form>
    <p class="note">Not ${form.username}? <a href="/v3/oauth2/logout">Log out</a></p>`;
}
