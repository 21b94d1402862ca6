import { describe, expect, it } from 'vitest';
import { routingPath, targetOfUrl } from './routing-path.ts';

describe('the path for routing', () => {
  it.each([
    ['/v3/pods', '/pods'],
    ['/pods', '/pods'],
    ['/v3', '/'],
    ['/v3/', '/'],
    ['/', '/'],
    ['/v3pods', '/v3pods'],
    ['/v3/v3/pods', '/v3/pods'],
    ['//v3//pods///docpod', '/pods/docpod'],
    ['/pods/docpod//', '/pods/docpod/'],
    ['/v3/pods?derived=True', '/pods'],
    ['/pods?a=//b', '/pods'],
    ['/pods#x', '/pods'],
    ['/pods/../healthcheck', '/pods/../healthcheck'],
    ['/pods/%2e%2e/x', '/pods/%2e%2e/x'],
    ['/pods/a%2Fb', '/pods/a%2Fb'],
  ])('of %s is %s', (target, path) => {
    expect(routingPath(target)).toBe(path);
  });

  it('comes from the URL when there is no raw target', () => {
    expect(targetOfUrl('https://dev.test:8443/v3/pods?x=1')).toBe('/v3/pods?x=1');
  });
});
