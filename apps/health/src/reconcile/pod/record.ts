// Records facts in a pod's history, as the platform's own doing.
import { createHash, randomUUID } from 'node:crypto';
import type { PodKey } from '@pods/contracts';
import type { HealthCommand, PodRefusal, PodState } from '@pods/domain-pods';
import { podAggregate } from '@pods/domain-pods';
import type { EventLog, Replica } from '@pods/event-store';
import { createPodWriter, decideAs } from '@pods/event-store';
import type { Logger } from '@pods/service';

export interface RecorderOptions {
  readonly log: EventLog;
  readonly replica: Pick<Replica<PodState>, 'get'>;
  readonly onRecorded: (eventType: string) => void;
  readonly logger: Logger;
}

export type Recorder = (key: PodKey, command: HealthCommand) => Promise<void>;

/**
 * Appends what a fact decides, if anything: a fact that the history holds already, or that is of another run, is
 * none. The returned function throws what the event store throws.
 */
export function createRecorder({ log, replica, onRecorded, logger }: RecorderOptions): Recorder {
  const write = createPodWriter<'health', PodState, HealthCommand, PodRefusal>({
    app: 'health',
    log,
    replica,
    aggregate: podAggregate,
    decide: decideAs('health', podAggregate.decide),
  });
  return async (key, command) => {
    const commandId = randomUUID();
    const commandHash = createHash('sha256').update(JSON.stringify(command)).digest('hex');
    const result = await write(key, { commandId, commandHash, actor: 'pods:health' }, command);
    const about = { ...key, commandId, incarnation: command.incarnation, run: command.run };
    if (result.kind === 'appended') {
      const eventType = result.event.type;
      onRecorded(eventType);
      logger.info({ ...about, eventType, version: result.version, reason: reasonOf(command) }, 'recorded');
    } else if (result.kind === 'nothing') {
      logger.debug({ ...about, reason: result.why, detail: { command: command.type } }, 'nothing to record');
    }
  };
}

function reasonOf(command: HealthCommand): string | undefined {
  return 'cause' in command ? command.cause.reason : undefined;
}
