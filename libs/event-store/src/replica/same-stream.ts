// Whether a stream still holds what was applied of it. One that does not was put back from a copy, or is another one.
import type { JetStreamManager } from '@nats-io/jetstream';
import type { HistoryNames } from '../history-names.ts';
import { decodeStored } from '../nats/messages.ts';
import { mapLimited } from '../nats/retry.ts';
import type { RecordedEvent } from '../port.ts';
import { ReplicaFailedError } from './replica.ts';

/** Something that was applied: what is known of the event at a sequence. */
export interface AppliedPlace {
  readonly seq: number;
  /** Whether an event that is found there is the one that was applied. */
  readonly isSame: (event: RecordedEvent) => boolean;
}

const requestsInFlightMax = 16;

const whatToDo = 'Stop the apps, restore the stream, delete the snapshot bucket, and start again.';

/**
 * Asks the stream's leader. An event that was erased cannot be compared, and is no sign of another stream.
 * @returns the stream's last sequence. @throws ReplicaFailedError
 */
export async function assertHolds(
  jsm: JetStreamManager,
  names: HistoryNames,
  places: readonly AppliedPlace[],
): Promise<number> {
  const lastSeq = (await jsm.streams.info(names.stream)).state.last_seq;
  await mapLimited(places, requestsInFlightMax, async ({ seq, isSame }) => {
    if (lastSeq < seq) {
      throw new ReplicaFailedError(
        `${names.stream} ends at ${lastSeq}, but ${seq} was already applied: the stream has lost events. ${whatToDo}`,
      );
    }
    if (seq === 0) return;
    const message = await jsm.streams.getMessage(names.stream, { seq });
    const event = message === null ? undefined : decodeStored(names, message);
    if (event !== undefined && !isSame(event)) {
      throw new ReplicaFailedError(
        `${names.stream} holds another event at ${seq} than was applied: it is not the stream that was followed. ${whatToDo}`,
      );
    }
  });
  return lastSeq;
}
