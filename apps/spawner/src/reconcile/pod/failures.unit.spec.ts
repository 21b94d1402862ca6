// Which refusal of a cluster counts as a failed attempt, which ends the start, and which is nobody's fault.
import { errorOfAnswer, KubeError } from '@pods/kube';
import { describe, expect, it } from 'vitest';
import { meaningOf } from './failures.ts';

const answer = (status: number, reason: string, message: string): KubeError =>
  errorOfAnswer(status, JSON.stringify({ reason, message }), null);

describe('a refusal', () => {
  it.each([
    ['that the server cannot be reached', new KubeError('Unavailable', 'away')],
    ['that the server is overloaded', answer(429, 'TooManyRequests', 'later')],
    ['that something inside fails', answer(500, 'InternalError', 'etcd')],
    ['that we are not known', answer(401, 'Unauthorized', 'who?')],
    [
      'that we lack a right',
      answer(
        403,
        'Forbidden',
        'pods is forbidden: User "x" cannot create resource "pods" in API group "" in the namespace "y"',
      ),
    ],
    [
      'that the namespace is going',
      answer(403, 'Forbidden', 'unable to create new content in namespace y because it is being terminated'),
    ],
    ['that the namespace is not there', answer(404, 'NotFound', 'namespaces "y" not found')],
    [
      'that the account of pods is not there yet',
      answer(
        403,
        'Forbidden',
        'pods "x" is forbidden: error looking up service account y/default: serviceaccount "default" not found',
      ),
    ],
    ['that somebody else was first', answer(409, 'AlreadyExists', 'exists')],
  ])('%s is waited out and counts nothing', (_name, error) => {
    expect(meaningOf(error)).toEqual({ kind: 'wait' });
  });

  it.each([
    [
      'that a quota is used up',
      answer(403, 'Forbidden', 'pods "x" is forbidden: exceeded quota: small, requested: pods=1'),
      'QuotaExceeded',
    ],
    [
      'that a limit is passed',
      answer(403, 'Forbidden', 'pods "x" is forbidden: maximum cpu usage per Container is 1'),
      'Forbidden',
    ],
    [
      'that the object is not valid',
      answer(422, 'Invalid', 'Pod "x" is invalid: spec.containers[0].image: Required value'),
      'Invalid',
    ],
    ['that it is too large', answer(413, 'RequestEntityTooLarge', 'limit is 3145728'), 'RequestEntityTooLarge'],
  ])('%s ends the start with that cause', (_name, error, reason) => {
    expect(meaningOf(error)).toEqual({ kind: 'hopeless', cause: { reason, message: error.message } });
  });

  it('of an unknown kind counts as a failed attempt', () => {
    expect(meaningOf(answer(418, 'Teapot', 'short and stout'))).toEqual({
      kind: 'counts',
      cause: { reason: 'Teapot', message: 'short and stout' },
    });
  });
});
