// The rules for the fields of one networking entry (pods-api.md 4.3). Whatever passes is later written into the
// proxy's configuration, so every text is limited to characters that mean nothing there.
import type { NetworkingEntry } from '@pods/contracts';

interface BrokenRule {
  readonly path: readonly (string | number)[];
  readonly rule: string;
}

type Rule = (entry: NetworkingEntry) => readonly BrokenRule[];

const broken = (path: BrokenRule['path'], rule: string): readonly BrokenRule[] => [{ path, rule }];
const unless = (holds: boolean, path: BrokenRule['path'], rule: string): readonly BrokenRule[] =>
  holds ? [] : broken(path, rule);

/** All broken rules of an entry. */
export function entryRules(entry: NetworkingEntry): readonly BrokenRule[] {
  return rules.flatMap((rule) => rule(entry));
}

const portRange: Rule = ({ port }) =>
  unless(port >= 10 && port <= 65_535, ['port'], `must be from 10 to 65535 (got ${port})`);

const ipAllowList: Rule = ({ ip_allow_list: list }) =>
  list.flatMap((text, index) =>
    unless(
      isIpv4(text),
      ['ip_allow_list', index],
      'must be an IPv4 address or network, such as 10.0.0.1 or 10.0.0.0/8',
    ),
  );

function isIpv4(text: string): boolean {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (match === null) return false;
  const [octets, prefix] = [match.slice(1, 5).map(Number), Number(match[5] ?? 32)];
  return octets.every((octet) => octet <= 255) && prefix <= 32;
}

const httpOnly: Rule = (entry) =>
  entry.protocol === 'http'
    ? []
    : [
        ...unless(!entry.tapis_auth, ['tapis_auth'], 'is possible with protocol http only'),
        ...unless(entry.cors_allow_origins.length === 0, ['cors_allow_origins'], 'is possible with protocol http only'),
      ];

/** Headers that carry a message rather than say something about the visitor. */
const messageHeaders = new Set([
  'connection',
  'content-length',
  'host',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const responseHeaders: Rule = ({ tapis_auth_response_headers: headers }) =>
  Object.entries(headers).flatMap(([name, value]) => [
    ...unless(
      /^[A-Za-z0-9_-]{1,128}$/.test(name),
      ['tapis_auth_response_headers', name],
      "a header name must be letters, digits, '-' and '_', at most 128",
    ),
    ...unless(
      !messageHeaders.has(name.toLowerCase()),
      ['tapis_auth_response_headers', name],
      'this header belongs to the connection and cannot be set',
    ),
    ...unless(
      /^[\x20-\x5f\x61-\x7e]{0,1024}$/.test(value),
      ['tapis_auth_response_headers', name],
      'a header value must be printable ASCII without backticks, at most 1024',
    ),
  ]);

const allowedUsers: Rule = ({ tapis_auth_allowed_users: users }) =>
  users.flatMap((user, index) =>
    unless(
      /^[\x21-\x5f\x61-\x7e]{1,128}$/.test(user),
      ['tapis_auth_allowed_users', index],
      "must be a user name or '*', without spaces",
    ),
  );

const returnPath: Rule = ({ tapis_auth_return_path: path }) =>
  unless(
    /^\/[A-Za-z0-9.\-_/]{0,179}$/.test(path),
    ['tapis_auth_return_path'],
    "must begin with '/' and hold letters, digits, '.', '-', '_' and '/' only, at most 180",
  );

const corsLists: Rule = (entry) => [
  ...eachOf(
    'cors_allow_origins',
    entry.cors_allow_origins,
    origin,
    "must be '*' or an origin such as https://example.org",
  ),
  ...eachOf('cors_allow_methods', entry.cors_allow_methods, /^(?:\*|[A-Za-z]{1,32})$/, "must be '*' or an HTTP method"),
  ...eachOf(
    'cors_allow_headers',
    entry.cors_allow_headers,
    /^(?:\*|[A-Za-z0-9_-]{1,128})$/,
    "must be '*' or a header name",
  ),
];

const origin = /^(?:\*|null|[a-z][a-z0-9+.-]{0,31}:\/\/[A-Za-z0-9.*_-]{1,253}(?::\d{1,5})?)$/;

function eachOf(field: string, list: readonly string[], pattern: RegExp, rule: string): readonly BrokenRule[] {
  return list.flatMap((text, index) => unless(pattern.test(text), [field, index], rule));
}

const corsMaxAge: Rule = ({ cors_max_age: seconds }) =>
  unless(seconds >= 0 && seconds <= 100, ['cors_max_age'], `must be from 0 to 100 (got ${seconds})`);

const uiUri: Rule = ({ tapis_ui_uri: uri }) =>
  unless(
    uri === '' || (uri.length <= 128 && /^\/+[a-z][a-z0-9.\-/]+$/.test(uri)),
    ['tapis_ui_uri'],
    "must begin with '/' and a lower-case letter and hold lower-case letters, digits, '.', '-' and '/' only, at most 128",
  );

const uiDescription: Rule = ({ tapis_ui_uri_description: text }) =>
  unless(
    /^[\x20-\x7e]{0,255}$/.test(text),
    ['tapis_ui_uri_description'],
    'must be ASCII text of at most 255 characters',
  );

const rules: readonly Rule[] = [
  portRange,
  ipAllowList,
  httpOnly,
  responseHeaders,
  allowedUsers,
  returnPath,
  corsLists,
  corsMaxAge,
  uiUri,
  uiDescription,
];
