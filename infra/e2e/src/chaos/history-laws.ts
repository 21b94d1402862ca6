// What must hold of every history, whatever was killed when: written down independently of the code that decides.
import type { PodEvent } from '@pods/contracts';
import { isPodEventType, mayEmit, parsePodEvent } from '@pods/contracts';
import type { RecordedEvent } from '@pods/event-store';

interface OpenRun {
  readonly number: number;
  readonly seen: ReadonlySet<string>;
  readonly podUid: string | undefined;
}

/** What the events so far allow. */
interface Progress {
  readonly live: boolean;
  readonly incarnation: number;
  readonly lastRun: number;
  /** Version of the event that last asked for a run; undefined when none is wanted. */
  readonly wanted: number | undefined;
  /** The newest run of this incarnation, over or not. */
  readonly run: OpenRun | undefined;
}

const nothingYet: Progress = { live: false, incarnation: 0, lastRun: 0, wanted: undefined, run: undefined };

/** Every breach, as a sentence with the version; empty for a history that is in order. */
export function breachesOf(history: readonly RecordedEvent[]): readonly string[] {
  const breaches: string[] = [];
  let progress = nothingYet;
  for (const recorded of history) {
    const { type, version, body, actor } = recorded;
    const say = (what: string): number => breaches.push(`v${version} ${type}: ${what}`);
    if (!isPodEventType(type)) {
      say('unknown type');
      continue;
    }
    const event = parsePodEvent(type, body);
    for (const what of [...breachesOfEvent(progress, event), ...wrongWriter(type, actor)]) say(what);
    progress = after(progress, event, version);
  }
  return breaches;
}

/** The runs that were taken down or deleted, by `<pod id> incarnation <n> run <n>`. */
export function endedRuns(podId: string, history: readonly RecordedEvent[]): readonly string[] {
  return history.flatMap(({ type, body }) => {
    const run = type === 'PodDeleted' ? body['lastRun'] : body['run'];
    const isEnd = type === 'PodTeardownStarted' || type === 'PodDeleted';
    return isEnd ? [`${podId} incarnation ${String(body['incarnation'])} run ${String(run)}`] : [];
  });
}

function wrongWriter(type: string, actor: string): readonly string[] {
  const app = (['spawner', 'health'] as const).find((name) => actor === `pods:${name}`) ?? 'api';
  return mayEmit(app, type) ? [] : [`written by ${actor}`];
}

type UserEvent =
  | 'PodCreated'
  | 'PodUpdated'
  | 'PodStartRequested'
  | 'PodStopRequested'
  | 'PodRestartRequested'
  | 'PodDeleted';
type RunFact = Exclude<PodEvent, { type: UserEvent | 'PodSpawnStarted' }>;

function isRunFact(event: PodEvent): event is RunFact {
  return event.type === 'PodSpawnStarted' ? false : !mayEmit('api', event.type);
}

function breachesOfEvent(progress: Progress, event: PodEvent): readonly string[] {
  if (event.type === 'PodCreated') {
    return [
      ...unless(!progress.live, 'created while it lives'),
      ...unless(event.incarnation === progress.incarnation + 1, `incarnation after ${progress.incarnation}`),
    ];
  }
  if (!progress.live) return ['about a pod that is deleted'];
  if (event.type === 'PodDeleted')
    return unless(event.lastRun === progress.lastRun, `last run was ${progress.lastRun}`);
  if (event.type === 'PodSpawnStarted') {
    return [
      ...unless(event.incarnation === progress.incarnation, 'of another incarnation'),
      ...unless(event.run === progress.lastRun + 1, `run ${event.run} after ${progress.lastRun}`),
      ...unless(progress.run === undefined || isOver(progress.run), 'opened beside an open run'),
      ...unless(event.generation === progress.wanted, `for ${event.generation}, wanted is ${String(progress.wanted)}`),
    ];
  }
  return isRunFact(event) ? breachesOfFact(progress, event) : [];
}

const onceARun: ReadonlySet<string> = new Set<RunFact['type']>([
  'PodObjectsCreated',
  'PodBecameAvailable',
  'PodTeardownStarted',
  'PodLogsArchived',
  'PodStopped',
]);

/** Nothing goes wrong with these pods, so none of these has a reason. */
const uncalledFor: ReadonlySet<string> = new Set<RunFact['type']>([
  'PodLost',
  'PodErrored',
  'PodCompleted',
  'PodSpawnFailed',
  'PodTimeToStopReached',
]);

function breachesOfFact({ run, incarnation }: Progress, event: RunFact): readonly string[] {
  if (run === undefined) return ['before any run'];
  const uid = 'podUid' in event ? event.podUid : undefined;
  return [
    ...unless(
      event.incarnation === incarnation && event.run === run.number,
      `of run ${event.run}, it is ${run.number}`,
    ),
    ...unless(uid === undefined || run.podUid === undefined || uid === run.podUid, 'of another Pod object'),
    ...unless(!isOver(run) || event.type === 'PodLogsArchived', 'after the end of its run'),
    ...unless(!onceARun.has(event.type) || !run.seen.has(event.type), 'twice in one run'),
    ...unless(event.type !== 'PodBecameAvailable' || !run.seen.has('PodTeardownStarted'), 'after its teardown began'),
    ...unless(event.type !== 'PodStopped' || run.seen.has('PodTeardownStarted'), 'before a teardown began'),
    ...unless(!uncalledFor.has(event.type), 'uncalled for'),
  ];
}

const unless = (holds: boolean, breach: string): readonly string[] => (holds ? [] : [breach]);

const isOver = (run: OpenRun): boolean => run.seen.has('PodStopped') || run.seen.has('PodLost');

function after(progress: Progress, event: PodEvent, version: number): Progress {
  if (isRunFact(event)) {
    return progress.run === undefined ? progress : { ...progress, run: withFact(progress.run, event) };
  }
  switch (event.type) {
    case 'PodCreated': {
      const wanted = event.statusRequested === 'ON' ? version : undefined;
      return { ...progress, live: true, incarnation: event.incarnation, wanted, run: undefined };
    }
    case 'PodDeleted':
      return { ...progress, live: false, wanted: undefined, run: undefined };
    case 'PodStopRequested':
      return { ...progress, wanted: undefined };
    case 'PodStartRequested':
    case 'PodRestartRequested':
      return { ...progress, wanted: version };
    case 'PodUpdated':
      if (event.statusRequested === undefined) return progress;
      return { ...progress, wanted: event.statusRequested === 'OFF' ? undefined : version };
    case 'PodSpawnStarted':
      return { ...progress, lastRun: event.run, run: { number: event.run, seen: new Set(), podUid: undefined } };
  }
}

function withFact(run: OpenRun, event: RunFact): OpenRun {
  const podUid = 'podUid' in event ? event.podUid : run.podUid;
  return { ...run, podUid, seen: new Set([...run.seen, event.type]) };
}

/** What the last events ask for: a running pod, a stopped one, or none. */
export function askedFor(history: readonly RecordedEvent[]): 'ON' | 'OFF' | 'none' {
  let progress = nothingYet;
  for (const { type, version, body } of history) {
    if (isPodEventType(type)) progress = after(progress, parsePodEvent(type, body), version);
  }
  if (!progress.live) return 'none';
  return progress.wanted === undefined ? 'OFF' : 'ON';
}
