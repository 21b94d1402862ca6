// The path that routing sees: without the /v3 prefix, with repeated slashes collapsed (clients.md section 1, rules 6
// and 7), and with dots left where they are: a normalised `..` would lead a request to another object's route.

/**
 * @param target the request target as it came in (`/v3/pods//x?y`).
 * @returns the path, still percent-encoded, always beginning with a slash.
 */
export function routingPath(target: string): string {
  const end = target.search(/[?#]/);
  const path = (end === -1 ? target : target.slice(0, end)).replaceAll(/\/{2,}/g, '/');
  if (path === '/v3') return '/';
  return path.startsWith('/v3/') ? path.slice(3) : path;
}

/** The path and query of a request's URL, for requests that carry no raw target. */
export function targetOfUrl(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}
