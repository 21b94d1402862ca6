// Pods' histories as the apps write them, for filling a log.
import { randomUUID } from 'node:crypto';
import type { PodEvent } from '@pods/contracts';
import { podEventSchemaVersion } from '@pods/contracts';
import { aDefinition, aNetworkingEntry, eventsOfStart, podCreated } from '@pods/domain-pods/testing';
import type { NewEvent } from '@pods/event-store';
import { genesisHash } from '@pods/event-store';

/** The first event of a pod that a user has just asked for. */
export function newPodEvent(podId = 'docpod'): NewEvent {
  return toNewEvent(createdEvent(podId), genesisHash);
}

/** A pod's history of `length` events: created, started, and restarted as often as there is room for. The pod lives. */
export function historyOf(podId: string, length: number): readonly PodEvent[] {
  const events: PodEvent[] = [createdEvent(podId), ...eventsOfStart(1, 1)];
  for (let run = 1; events.length < length; run += 1) {
    const of = { incarnation: 1, run };
    const restart: PodEvent = { type: 'PodRestartRequested' };
    events.push(
      restart,
      { type: 'PodTeardownStarted', ...of, purpose: 'restart' },
      { type: 'PodStopped', ...of },
      ...eventsOfStart(run + 1, events.length + 1),
    );
  }
  return events.slice(0, length);
}

function createdEvent(podId: string): PodEvent {
  const url = `${podId}.pods.dev.example.org`;
  return podCreated({ definition: aDefinition({ networking: { default: { ...aNetworkingEntry, url } } }) });
}

/** What a writer hands to the log. */
export function toNewEvent({ type, ...body }: PodEvent, previousHash: string): NewEvent {
  return {
    eventId: randomUUID(),
    type,
    causeId: randomUUID(),
    causeHash: '5'.repeat(64),
    actor: 'ada',
    schema: podEventSchemaVersion,
    previousHash,
    body,
  };
}
