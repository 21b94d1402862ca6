// What is expected to go wrong on NATS is told in words; what is not stays a bug.
import { errors } from '@nats-io/nats-core';
import { describe, expect, it } from 'vitest';
import { natsRefusalOf } from './nats-refusals.ts';

const servers = ['tls://a', 'tls://b'];
const withCode = (code: string): Error => Object.assign(new Error('why'), { code });

describe('a failure on NATS', () => {
  it.for([
    [withCode('DEPTH_ZERO_SELF_SIGNED_CERT'), 'nats_unreachable'],
    [withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'nats_unreachable'],
    [withCode('ECONNRESET'), 'nats_unreachable'],
    [new errors.TimeoutError(), 'nats_unreachable'],
    [
      new errors.RequestError('x', { cause: new errors.PermissionViolationError('x', 'publish', 'x') }),
      'nats_not_allowed',
    ],
    [new errors.UserAuthenticationExpiredError('x'), 'nats_not_let_in'],
  ] as const)('%s is %s', ([error, code]) => {
    expect(natsRefusalOf(error, servers)).toMatchObject({ code, cause: error });
  });

  it('names the servers and the reason', () => {
    expect(natsRefusalOf(withCode('ECONNRESET'), servers)?.message).toMatch(/tls:\/\/a, tls:\/\/b: why\. Is/);
  });

  it.for([new TypeError('x is not a function'), withCode('ERR_INVALID_ARG_TYPE'), 'text', undefined])(
    '%s is a bug',
    (error) => {
      expect(natsRefusalOf(error, servers)).toBeUndefined();
    },
  );
});
