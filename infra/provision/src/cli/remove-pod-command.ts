// Ends the history of a pod that nothing may be decided on any more: with a gap, or with events that no app can read.
import { randomUUID } from 'node:crypto';
import type { PodKey } from '@pods/contracts';
import { podKeyToString } from '@pods/contracts';
import type { Flaw } from '@pods/domain-pods';
import { flawsOf, isLive, podAggregate, tombstoneAfter } from '@pods/domain-pods';
import type { EventLog, RecordedEvent } from '@pods/event-store';
import { loadFromLog, openNatsLog, podHistories } from '@pods/event-store';
import type { RemovePodLine } from './command-line.ts';
import { withNats } from './nats-connection.ts';
import type { Report } from './report.ts';
import { Refusal } from './report.ts';

/** @throws Refusal */
export async function runRemovePod(line: RemovePodLine): Promise<Report> {
  return withNats(line, async (nc) => {
    const log = await openNatsLog({ nc, names: podHistories(line.names) });
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      const history = await brokenHistory(log, line.key);
      if (line.check) return checked(line.key, history);
      const report = await end(log, line.key, history);
      if (report !== undefined) return report;
    }
    throw new Refusal('pod_busy', `${podKeyToString(line.key)} is being changed by others. Try again.`);
  });
}

const attemptsMax = 5;

interface Broken {
  readonly events: readonly RecordedEvent[];
  readonly newest: RecordedEvent;
  readonly flaws: readonly Flaw[];
}

/** As the log's leader has it. @throws Refusal for a pod that is not there, or that the API can delete */
async function brokenHistory(log: EventLog, key: PodKey): Promise<Broken> {
  const history = [key.tenant, key.podId];
  const newest = await log.last(history, { fresh: true });
  const name = podKeyToString(key);
  if (newest === undefined) throw new Refusal('pod_not_found', `There is no pod ${name}.`);
  const folded = await loadFromLog({ log, aggregate: podAggregate }, history, { fresh: true });
  if (!folded.newerThanMe) {
    throw isLive(folded.state)
      ? new Refusal('pod_is_sound', `The history of ${name} is sound: delete the pod with the API.`)
      : new Refusal('pod_not_found', `${name} is deleted already.`);
  }
  const events = await log.read(history, 1, newest.version);
  return { events, newest, flaws: flawsOf(events) };
}

function checked(key: PodKey, { flaws, newest }: Broken): Report {
  return {
    lines: [...linesOf(key, flaws), `${podKeyToString(key)}: would be deleted at version ${newest.version + 1}`],
    json: { ...key, flaws },
    settled: false,
  };
}

/** Undefined when somebody else has appended meanwhile. */
async function end(log: EventLog, key: PodKey, { events, newest, flaws }: Broken): Promise<Report | undefined> {
  const { type, ...body } = tombstoneAfter(events);
  const version = newest.version + 1;
  const outcome = await log.append(
    [key.tenant, key.podId],
    version,
    {
      eventId: randomUUID(),
      type,
      causeId: randomUUID(),
      causeHash: '',
      actor: 'pods:operator',
      schema: podAggregate.schemaVersion,
      previousHash: newest.hash,
      body,
    },
    newest.seq,
  );
  if (outcome.kind === 'conflict') return undefined;
  const { incarnation, lastRun } = body;
  const numbers = `incarnations up to ${incarnation} and runs up to ${lastRun} count as used`;
  return {
    lines: [...linesOf(key, flaws), `${podKeyToString(key)}: deleted at version ${version}; ${numbers}`],
    json: { ...key, version, incarnation, lastRun, flaws },
    settled: true,
  };
}

function linesOf(key: PodKey, flaws: readonly Flaw[]): readonly string[] {
  return flaws.map(({ version, what }) => `${podKeyToString(key)}: event ${version} is ${what}`);
}
