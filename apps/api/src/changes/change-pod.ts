// The way of every change: one command decided and appended, and the answer as of that event, given when every api
// process that shows pods has it (architecture.md section 5).
import type { PodEvent, PodKey } from '@pods/contracts';
import type { CommandContext, LivePod, PodRefusal, PodState, UserCommand } from '@pods/domain-pods';
import { isLive, podAggregate } from '@pods/domain-pods';
import type { Folded } from '@pods/event-store';
import type { ApiDeps } from '../deps.ts';
import type { ApiRefusal } from '../errors/refusal.ts';
import type { CallerRequest, Refused } from '../http/endpoint.ts';
import { refused } from '../http/endpoint.ts';
import type { Parsed } from '../requests/problem.ts';
import { problemLines } from '../requests/problem.ts';
import { commandContext } from './command-id.ts';
import type { DefinitionTooLarge } from './definition-size.ts';
import { parseIfMatch } from './if-match.ts';

/** What a change came to. */
export interface Changed {
  readonly kind: 'changed';
  /** Undefined after a deletion. */
  readonly pod: LivePod | undefined;
  readonly version: number;
  /** What the history says of it; undefined when there was nothing to do. */
  readonly event: PodEvent | undefined;
}

/** What was asked for is what is there already (pods-api.md 3.4). */
export interface Unchanged {
  readonly kind: 'unchanged';
  readonly pod: LivePod;
  readonly version: number;
}

/** The command, once it is known on whose behalf and with which precondition. */
export type CommandFor = (by: {
  readonly caller: { readonly user: string; readonly isServiceAdmin: boolean };
  readonly ifVersion: number | undefined;
}) => UserCommand;

/** Carries out one change. @throws what the event store throws. */
export async function changePod(
  request: CallerRequest,
  deps: ApiDeps,
  key: PodKey,
  commandFor: CommandFor,
): Promise<Changed | Unchanged | Refused> {
  const asked = parseHeaders(request, deps, key);
  if (!asked.ok) return refused({ code: 'InvalidRequest', lines: problemLines(asked.problems) });
  const { context, ifVersion } = asked.value;
  const command = (isServiceAdmin: boolean): UserCommand =>
    commandFor({ caller: { user: request.caller.user, isServiceAdmin }, ifVersion });
  if (!deps.freshness.isCurrent()) return cutOff(deps);
  const obstacle = await growthObstacle(command(false), deps);
  if (obstacle !== undefined) return refused(obstacle);

  const result = await asWhomItTakes(request, (isServiceAdmin) =>
    writeIfServing(deps, key, context, command(isServiceAdmin)),
  );
  if (result === undefined) return cutOff(deps);
  if (result.kind === 'refused' && result.refusal.code !== 'NoChanges') {
    return refused(refusalOf(result.refusal, request, key));
  }
  const version = 'version' in result ? result.version : result.at.version;
  const { state } = await whenShown(deps, key, { version, seq: seqOf(result) });
  const pod = isLive(state) ? state : undefined;
  if (result.kind === 'refused' && pod !== undefined) return { kind: 'unchanged', pod, version };
  return { kind: 'changed', pod, version, event: await eventOf(result, deps, key) };
}

/** Known at once, without asking a log that cannot be reached. */
function cutOff({ freshness }: ApiDeps): Refused {
  return refused({ code: freshness.mayShow() ? 'LogUnavailable' : 'NotServing' });
}

/** The sequence of the event that is waited for; undefined for a repetition, of which only the version is known. */
function seqOf(result: Awaited<ReturnType<ApiDeps['write']>>): number | undefined {
  switch (result.kind) {
    case 'appended':
      return result.seq;
    case 'refused':
    case 'nothing':
      return result.at.seq;
    case 'repeated':
      return undefined;
  }
}

/** Roles are asked only when they make a difference. */
async function asWhomItTakes(
  request: CallerRequest,
  write: (isServiceAdmin: boolean) => Promise<Written | undefined>,
): Promise<Written | undefined> {
  const result = await write(request.isServiceAdmin);
  if (result?.kind !== 'refused' || !mayBeAdmins(result.refusal, request)) return result;
  return (await request.askServiceAdmin()) ? await write(true) : result;
}

type Written = Awaited<ReturnType<ApiDeps['write']>>;

/**
 * Undefined when this process has lost its lease meanwhile: its replica's word that there is nothing to do is then worth
 * nothing. Asked in one turn with the reading, because a request waits for much before it comes here.
 */
async function writeIfServing(
  deps: ApiDeps,
  key: PodKey,
  context: CommandContext,
  command: UserCommand,
): Promise<Written | undefined> {
  return deps.freshness.isCurrent() ? await deps.write(key, context, command) : undefined;
}

/** The event of a change; that of an earlier one is read again when its request is repeated. */
async function eventOf(result: Written, deps: ApiDeps, { tenant, podId }: PodKey): Promise<PodEvent | undefined> {
  if (result.kind === 'appended') return result.event;
  if (result.kind !== 'repeated') return undefined;
  const [stored] = await deps.log.read([tenant, podId], result.version, result.version);
  return stored === undefined ? undefined : podAggregate.parse(stored);
}

interface Asked {
  readonly context: CommandContext;
  readonly ifVersion: number | undefined;
}

function parseHeaders(request: CallerRequest, deps: ApiDeps, key: PodKey): Parsed<Asked> {
  const ifMatch = parseIfMatch(request.header('if-match'));
  const context = commandContext({
    tenant: key.tenant,
    user: request.caller.user,
    route: `${request.route.method} ${request.route.path}`,
    podId: key.podId,
    body: request.body,
    idempotencyKey: request.header('idempotency-key'),
    newId: deps.newId,
  });
  if (ifMatch.ok && context.ok) return { ok: true, value: { context: context.value, ifVersion: ifMatch.value } };
  return { ok: false, problems: [ifMatch, context].flatMap((parsed) => (parsed.ok ? [] : parsed.problems)) };
}

/** The fold at a version, when every process that shows pods has it: also for what others have written meanwhile. */
async function whenShown(
  deps: ApiDeps,
  key: PodKey,
  { version, seq }: { readonly version: number; readonly seq: number | undefined },
): Promise<Folded<PodState>> {
  const deadlineMs = deps.settings.visibleWithinMs;
  const folded = await deps.pods.whenVersion([key.tenant, key.podId], version, { deadlineMs, seq });
  await deps.freshness.whenAllShow(folded.seq);
  return folded;
}

/** Refusals that would not stand against a service admin. */
function mayBeAdmins(refusal: PodRefusal | DefinitionTooLarge, request: CallerRequest): boolean {
  return !request.isServiceAdmin && (refusal.code === 'NotAllowed' || refusal.code === 'PodNotFound');
}

/** Creates and updates need room; stops, deletions and the like are always taken (architecture.md section 3). */
async function growthObstacle({ type }: UserCommand, { hasRoom }: ApiDeps): Promise<ApiRefusal | undefined> {
  if (type !== 'CreatePod' && type !== 'UpdatePod') return undefined;
  return (await hasRoom()) ? undefined : { code: 'LogFull' };
}

function refusalOf(
  refusal: Exclude<PodRefusal, { code: 'NoChanges' }> | DefinitionTooLarge,
  { route }: CallerRequest,
  { podId }: PodKey,
): ApiRefusal {
  switch (refusal.code) {
    case 'PodNotFound':
    case 'PodExists':
      return { code: refusal.code, podId };
    case 'NotAllowed':
      return { code: 'NotAllowed', method: route.method, route: route.path, needs: refusal.needs };
    case 'PodNotStopped':
    case 'VersionMismatch':
    case 'CommandIdReused':
    case 'DefinitionTooLarge':
      return refusal;
  }
}
