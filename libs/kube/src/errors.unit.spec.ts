// Which answer of an API server is which error.
import { describe, expect, it } from 'vitest';
import { errorOfAnswer, errorOfStatus } from './errors.ts';

const status = (reason: string, message = 'why'): string => JSON.stringify({ kind: 'Status', reason, message });

describe('errors', () => {
  it.each([
    [400, 'BadRequest', 'Invalid', false],
    [401, 'Unauthorized', 'Unauthorized', false],
    [403, 'Forbidden', 'Forbidden', false],
    [404, 'NotFound', 'NotFound', false],
    [409, 'AlreadyExists', 'AlreadyExists', false],
    [409, 'Conflict', 'Conflict', true],
    [410, 'Expired', 'Gone', true],
    [410, 'Gone', 'Gone', true],
    [413, 'RequestEntityTooLarge', 'TooLarge', false],
    [422, 'Invalid', 'Invalid', false],
    [429, 'TooManyRequests', 'Unavailable', true],
    [500, 'InternalError', 'Unavailable', true],
    [503, 'ServiceUnavailable', 'Unavailable', true],
    [418, 'Teapot', 'Unexpected', false],
  ])('an answer %i %s is %s', (code, reason, expected, retryable) => {
    const error = errorOfAnswer(code, status(reason), null);
    expect(error).toMatchObject({ code: expected, retryable, status: code, reason, message: 'why' });
  });

  it('say how long the server asks to wait', () => {
    expect(errorOfAnswer(429, status('TooManyRequests'), '7').retryAfterMs).toBe(7000);
    expect(errorOfAnswer(429, status('TooManyRequests'), 'soon').retryAfterMs).toBeUndefined();
  });

  it('stand for answers that are no Status object too', () => {
    expect(errorOfAnswer(502, '<html>', null)).toMatchObject({
      code: 'Unavailable',
      message: 'the API server answered 502',
    });
    expect(errorOfStatus({})).toMatchObject({ code: 'Unavailable' });
    expect(errorOfStatus({ code: 410, reason: 'Expired', message: 'too old' })).toMatchObject({ code: 'Gone' });
  });
});
