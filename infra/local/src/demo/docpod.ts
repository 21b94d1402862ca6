// The pod that a start ends with: created, or started again, followed until it is AVAILABLE, and its page fetched.
import { z } from 'zod';
import type { Platform } from '../platform.ts';
import type { ProbeAnswer } from '../process/probe.ts';
import { HopelessError, until } from '../process/until.ts';
import { signIn, type TenantClient } from './tenant-client.ts';

/** Id of the pod. */
const DEMO_POD = 'docpod';

/** From the local registry. */
export const LOCAL_IMAGE = 'pods.local/webpage:1';
/** In its page's heading. */
const RECOGNISABLE = 'this page comes from a pod';

const podSchema = z.object({
  result: z.object({ status: z.string(), status_requested: z.string(), status_container: z.unknown() }),
});

type Pod = z.infer<typeof podSchema>['result'];

const refused = (what: string, { status, body }: ProbeAnswer): HopelessError =>
  new HopelessError(`${what} was answered with ${status}: ${body.slice(0, 400)}`);

const read = async (client: TenantClient): Promise<Pod> => {
  const answer = await client.api('GET', `/v3/pods/${DEMO_POD}`);
  if (answer.status !== 200) throw refused(`reading ${DEMO_POD}`, answer);
  return podSchema.parse(JSON.parse(answer.body)).result;
};

const create = async (client: TenantClient, image: string): Promise<string> => {
  const created = await client.api('POST', '/v3/pods', {
    pod_id: DEMO_POD,
    image,
    description: 'Made by npm start',
  });
  if (created.status >= 300) throw refused(`creating ${DEMO_POD}`, created);
  return `created: ${podSchema.parse(JSON.parse(created.body)).result.status}`;
};

const startAgain = async (client: TenantClient): Promise<string> => {
  const started = await client.api('GET', `/v3/pods/${DEMO_POD}/start`);
  if (started.status >= 300) throw refused(`starting ${DEMO_POD}`, started);
  return `started again: ${podSchema.parse(JSON.parse(started.body)).result.status}`;
};

/** Creates the pod, or starts the one that is there; returns what was done. */
const ask = async (client: TenantClient, image: string): Promise<string> => {
  const there = await client.api('GET', `/v3/pods/${DEMO_POD}`);
  if (there.status === 404) return await create(client, image);
  const { status, status_requested: requested } = await read(client);
  // The fold has a pod that failed or ended start only when somebody asks.
  if (requested !== 'ON' || status === 'ERROR' || status === 'COMPLETE') return await startAgain(client);
  return 'there already';
};

const follow = async (client: TenantClient, signal: AbortSignal, report: (text: string) => void): Promise<void> => {
  let last = '';
  const check = async (): Promise<void> => {
    const pod = await read(client);
    if (pod.status !== last) report(pod.status);
    last = pod.status;
    if (pod.status === 'ERROR')
      throw new HopelessError(`${DEMO_POD} is in ERROR: ${JSON.stringify(pod.status_container)}`);
    if (pod.status !== 'AVAILABLE') throw new Error(`it is ${pod.status}: ${JSON.stringify(pod.status_container)}`);
  };
  await until(check, { what: `${DEMO_POD} being AVAILABLE`, deadlineMs: 120_000, intervalMs: 50, signal });
};

const fetchPage = async (client: TenantClient, recognisable: string, signal: AbortSignal): Promise<number> => {
  const startedMs = performance.now();
  const check = async (): Promise<void> => {
    const page = await client.pod(DEMO_POD, '/');
    if (page.status !== 200 || !page.body.includes(recognisable))
      throw new Error(`it answered ${page.status}: ${page.body.slice(0, 200)}`);
  };
  await until(check, { what: `the page of ${DEMO_POD}`, deadlineMs: 30_000, intervalMs: 50, signal });
  return performance.now() - startedMs;
};

/** What came of it. `routeMs` is the time from AVAILABLE to the page. */
export type DemoResult = { readonly url: string; readonly routeMs: number };

/**
 * Has the pod run and its page fetched, on a platform whose addresses answer.
 * @param report called with what was done, then with each status as it comes.
 * @throws Error that says where it went wrong.
 */
export const runDemo = async (
  platform: Platform,
  signal: AbortSignal,
  report: (text: string) => void,
): Promise<DemoResult> => {
  const client = await signIn(platform, signal);
  const image = platform.settings.demoImage ?? LOCAL_IMAGE;
  report(await ask(client, image));
  await follow(client, signal, report);
  const routeMs = await fetchPage(client, image === LOCAL_IMAGE ? RECOGNISABLE : '', signal);
  return {
    url: `https://${DEMO_POD}.pods.${client.identity.tenants[0].host}:${platform.settings.ports.edge}/`,
    routeMs,
  };
};
