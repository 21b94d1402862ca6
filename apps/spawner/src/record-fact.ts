// How spawner writes into histories: its own events only, decided by the pod domain.
import { createHash } from 'node:crypto';
import type { PodKey } from '@pods/contracts';
import type { PodState, SpawnerCommand } from '@pods/domain-pods';
import { podAggregate } from '@pods/domain-pods';
import type { EventLog, Replica } from '@pods/event-store';
import { createPodWriter, decideAs } from '@pods/event-store';
import type { Logger } from '@pods/service';

/** Decides a command on a pod's history and appends what it gives; a fact that no longer holds gives nothing. */
export type RecordFact = (key: PodKey, commandId: string, command: SpawnerCommand) => Promise<void>;

export interface RecordFactDeps {
  readonly log: EventLog;
  readonly replica: Pick<Replica<PodState>, 'get'>;
  readonly logger: Logger;
}

/** @returns a writer that throws LogUnavailableError and the like when the outcome is not known. */
export function createRecordFact({ log, replica, logger }: RecordFactDeps): RecordFact {
  const write = createPodWriter({
    app: 'spawner',
    log,
    replica,
    aggregate: podAggregate,
    decide: decideAs('spawner', podAggregate.decide),
  });
  return async (key, commandId, command) => {
    const commandHash = createHash('sha256').update(JSON.stringify(command)).digest('hex');
    const result = await write(key, { commandId, commandHash, actor: 'pods:spawner' }, command);
    const fields = { tenant: key.tenant, podId: key.podId, commandId, detail: { command: command.type } };
    if (result.kind === 'appended') {
      logger.info({ ...fields, eventType: result.event.type, version: result.version, seq: result.seq }, 'recorded');
    } else {
      logger.debug(
        { ...fields, outcome: result.kind, reason: result.kind === 'nothing' ? result.why : undefined },
        'nothing to record',
      );
    }
  };
}
