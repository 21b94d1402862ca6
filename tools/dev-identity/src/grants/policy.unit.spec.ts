// Which request may be put before a user, and where the answer goes.
import { describe, expect, it } from 'vitest';
import type { Client } from '../clients/client-store.ts';
import { callbackWith, mayAsk, type AuthorizeRequest } from './policy.ts';

const client: Client = {
  tenant: 'dev',
  client_id: 'c1',
  client_key: 'k',
  owner: 'ada',
  callback_url: 'https://app.test/cb?x=1',
  display_name: '',
  description: '',
  create_time: '',
  last_update_time: '',
  active: true,
  implicit: false,
};
const request: AuthorizeRequest = {
  client_id: 'c1',
  redirect_uri: 'https://app.test/cb?x=1',
  response_type: 'code',
};

describe('mayAsk', () => {
  it('lets an active client ask for its registered address', () => {
    expect(mayAsk(request, client)).toBe(client);
  });

  it.each([
    ['an unknown client', request, undefined, 'unknown-client'],
    ['a deleted client', request, { ...client, active: false }, 'unknown-client'],
    [
      'a client without a callback',
      { ...request, redirect_uri: '' },
      { ...client, callback_url: '' },
      'bad-redirect-uri',
    ],
    ['a longer address', { ...request, redirect_uri: 'https://app.test/cb?x=1&y=2' }, client, 'bad-redirect-uri'],
    ['another letter case', { ...request, redirect_uri: 'https://app.test/CB?x=1' }, client, 'bad-redirect-uri'],
    [
      'another host that ends alike',
      { ...request, redirect_uri: 'https://evil.app.test/cb?x=1' },
      client,
      'bad-redirect-uri',
    ],
    [
      'a token in the address for an ordinary client',
      { ...request, response_type: 'token' as const },
      client,
      'grant-not-allowed',
    ],
  ])('refuses %s', (_, asked, known, refused) => {
    expect(mayAsk(asked, known)).toEqual({ refused });
  });

  it('lets a client of the implicit kind ask for a token', () => {
    const implicit = { ...client, implicit: true };
    expect(mayAsk({ ...request, response_type: 'token' }, implicit)).toBe(implicit);
  });
});

describe('callbackWith', () => {
  it('adds to the query, and echoes the state only when there was one', () => {
    expect(callbackWith(request, { code: 'a b&c' })).toBe('https://app.test/cb?x=1&code=a+b%26c');
    expect(callbackWith({ ...request, state: 's&t' }, { code: '1' })).toBe(
      'https://app.test/cb?x=1&code=1&state=s%26t',
    );
  });
});
