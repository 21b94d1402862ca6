// Which client may do what in the browser flow. Pure.
import type { Client } from '../clients/client-store.ts';
import { refuse, type Refusal } from '../refusals.ts';

export const responseTypes = ['code', 'token'] as const;

export interface AuthorizeRequest {
  readonly client_id: string;
  readonly redirect_uri: string;
  readonly response_type: (typeof responseTypes)[number];
  readonly state?: string | undefined;
}

/** The client, if it may ask users to approve this request. Until then nothing may be sent to `redirect_uri`. */
export function mayAsk(request: AuthorizeRequest, client: Client | undefined): Client | Refusal {
  if (client?.active !== true) return refuse('unknown-client');
  if (client.callback_url === '' || request.redirect_uri !== client.callback_url) return refuse('bad-redirect-uri');
  if (request.response_type === 'token' && !client.implicit) return refuse('grant-not-allowed');
  return client;
}

/** The registered address with the answer in its query (clients.md 6.3: also for the implicit grant). */
export function callbackWith(request: AuthorizeRequest, answer: Readonly<Record<string, string>>): string {
  const url = new URL(request.redirect_uri);
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  if (request.state !== undefined) url.searchParams.set('state', request.state);
  return url.href;
}
