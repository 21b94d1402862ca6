// The last words of a start: where things are and what to try. Pure.
import type { Identity } from '../identity/identity-file.ts';
import { formatDuration, type Paint } from './style.ts';

/** What the words are about. */
export type SummaryFacts = {
  readonly identity: Identity;
  readonly caFile: string;
  readonly logFolder: string;
  readonly stateFolder: string;
  readonly kubeconfigFile: string;
  readonly edgePort: number;
  /** An image that the cluster can get. */
  readonly image: string;
  /** Address of the demonstration pod, if there is one. */
  readonly demoUrl: string | undefined;
};

/** What kind of start it was: each has its own aim. */
export type StartKind = 'first' | 'fresh' | 'again';

const aims: Readonly<Record<StartKind, { readonly what: string; readonly ms: number }>> = {
  first: { what: 'from nothing, programs built', ms: 15 * 60_000 },
  fresh: { what: 'programs at hand, new state', ms: 40_000 },
  again: { what: 'programs and state at hand', ms: 30_000 },
};

/** How long a start took, and whether that is what is aimed at on two cores. */
export const judgeTime = (kind: StartKind, tookMs: number, paint: Paint): string => {
  const { what, ms } = aims[kind];
  const verdict = tookMs <= ms ? paint.good('met') : paint.bad('missed');
  return `${paint.bold(`Up in ${formatDuration(tookMs)}`)} ${paint.dim(`(${what}; the aim on two cores is ${formatDuration(ms)}:`)} ${verdict}${paint.dim(')')}`;
};

/** Where pods go on although the platform has ended. */
type Elsewhere = { readonly context: string; readonly namespace: string };

/** The last words of an end. */
export const renderEnded = (tookMs: number, stateFolder: string, existing?: Elsewhere): string => {
  const took = `(${formatDuration(tookMs)})`;
  const kept = `the state is kept in ${stateFolder}: npm start goes on with it, npm run reset deletes it`;
  return existing === undefined
    ? `  everything has ended ${took}; ${kept}`
    : `  everything on this machine has ended ${took}; pods go on in namespace ${existing.namespace} of the cluster of context ${existing.context}; ${kept}, pods included`;
};

/** In shell quotes if it needs any. */
const quote = (text: string): string => (/^[\w./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

const curlLines = ({ identity, caFile }: SummaryFacts): readonly string[] => {
  const { baseUrl } = identity.tenants[0];
  const { name, password } = identity.user;
  const body = JSON.stringify({ username: name, password, grant_type: 'password' });
  return [
    `CA=${quote(caFile)}; BASE=${baseUrl}`,
    `TOKEN=$(curl -s --cacert $CA $BASE/v3/oauth2/tokens -H 'Content-Type: application/json' \\`,
    `  -d '${body}' | sed 's/.*"access_token":{"access_token":"\\([^"]*\\)".*/\\1/')`,
  ];
};

const tryLines = (facts: SummaryFacts): readonly string[] => {
  const podId = facts.demoUrl === undefined ? 'hello' : 'docpod';
  const { host } = facts.identity.tenants[0];
  const create = `curl -s --cacert $CA $BASE/v3/pods -H "X-Tapis-Token: $TOKEN" -H 'Content-Type: application/json' -d '{"pod_id":"hello","image":"${facts.image}"}'`;
  return [
    facts.demoUrl === undefined ? create : `curl -s --cacert $CA $BASE/v3/pods/docpod -H "X-Tapis-Token: $TOKEN"`,
    `curl -s --cacert $CA $BASE/v3/pods/${podId}/logs -H "X-Tapis-Token: $TOKEN"`,
    `curl -s --cacert $CA https://${podId}.pods.${host}:${facts.edgePort}/`,
  ];
};

const pythonLines = ({ identity, caFile }: SummaryFacts): readonly string[] => {
  const { baseUrl } = identity.tenants[0];
  const { name, password } = identity.user;
  return [
    'from tapipy.tapis import Tapis',
    `t = Tapis(base_url='${baseUrl}', username='${name}', password='${password}', verify='${caFile}')`,
    't.get_tokens()',
    't.pods.list_pods()',
  ];
};

/** Lines for whoever wants to use what was just started. */
export const renderSummary = (facts: SummaryFacts, paint: Paint): readonly string[] => {
  const { identity, demoUrl } = facts;
  const [tenant, ...others] = identity.tenants;
  const field = (name: string, value: string): string => `  ${name.padEnd(12)} ${value}`;
  const indent = (line: string): string => `    ${line}`;
  const hosts = [
    ...identity.tenants.map(({ host }) => host),
    ...(demoUrl === undefined ? [] : [new URL(demoUrl).hostname]),
  ];
  return [
    '',
    field('API', `${paint.bold(tenant.baseUrl)}   documentation: ${tenant.baseUrl}/v3/pods/docs`),
    ...others.map(({ id, baseUrl }) => field('', `${baseUrl}   (tenant ${id})`)),
    ...(demoUrl === undefined ? [] : [field('pod', paint.bold(demoUrl))]),
    field('sign in', `as ${identity.user.name} with password ${identity.user.password}`),
    field('trust', facts.caFile),
    field('kubeconfig', facts.kubeconfigFile),
    field('logs', facts.logFolder),
    field('state', facts.stateFolder),
    '',
    '  A token, for curl:',
    ...curlLines(facts).map(indent),
    '  Then try:',
    ...tryLines(facts).map(indent),
    '',
    '  With tapipy (curl and browsers know names under .localhost, Python asks the system; this line tells it):',
    indent(`echo '127.0.0.1 ${hosts.join(' ')}' >> /etc/hosts`),
    ...pythonLines(facts).map(indent),
    '',
  ];
};
