// Creates the streams and buckets that are missing, once those that are there were found to be as wanted. Changes
// nothing that exists: a setting that differs is a decision for a person.
import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { StreamDifference } from './compare-nats.ts';
import { compareNats, settingDifferences, streamConfig } from './compare-nats.ts';
import type { NatsSettings, StreamDefinition } from './definitions.ts';
import { streamDefinitions } from './definitions.ts';

/** One line for each setting: stream, setting, wanted, found. */
export class StreamDiffersError extends Error {
  override readonly name = 'StreamDiffersError';
  readonly code = 'nats_stream_differs';
  readonly differences: readonly StreamDifference[];
  constructor(differences: readonly StreamDifference[]) {
    const lines = differences.map(
      ({ stream, setting, wanted, found }) => `  ${stream}: ${setting} should be ${wanted}, found ${found}`,
    );
    super(
      `NATS holds streams with other settings than wanted. Change them there or in the settings here:\n${lines.join('\n')}`,
    );
    this.differences = differences;
  }
}

/** The server would not create a stream, for example for want of servers or of room. */
export class StreamRefusedError extends Error {
  override readonly name = 'StreamRefusedError';
  readonly code = 'nats_stream_refused';
}

export interface NatsProvisioned {
  readonly created: readonly string[];
  readonly found: readonly string[];
}

/**
 * Makes sure that everything on NATS is there as {@link streamDefinitions} says. Safe to repeat and to run twice
 * at once. When a setting differs, nothing is created.
 * @throws ServerTooOldError, StreamDiffersError, StreamRefusedError
 */
export async function provisionNats(nc: NatsConnection, settings: NatsSettings): Promise<NatsProvisioned> {
  const before = await compareNats(nc, settings);
  if (before.differences.length > 0) throw new StreamDiffersError(before.differences);
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const created: string[] = [];
  const found = [...before.found];
  const differences: StreamDifference[] = [];
  for (const definition of streamDefinitions(settings)) {
    if (!before.missing.includes(definition.name)) continue;
    const outcome = await createStream(jsm, definition);
    (outcome.created ? created : found).push(definition.name);
    differences.push(...settingDifferences(definition, outcome.config));
  }
  if (differences.length > 0) throw new StreamDiffersError(differences);
  return { created, found };
}

async function createStream(
  jsm: JetStreamManager,
  definition: StreamDefinition,
): Promise<{ readonly created: boolean; readonly config: StreamConfig }> {
  try {
    const info = await jsm.streams.add(definition);
    return { created: true, config: info.config };
  } catch (error) {
    // Another run created it since the comparison, with these settings or with others.
    const winner = await streamConfig(jsm, definition.name);
    if (winner !== undefined) return { created: false, config: winner };
    if (!(error instanceof JetStreamApiError)) throw error;
    throw new StreamRefusedError(
      `NATS refused to create ${definition.name}: ${error.message}. Change the servers or the settings and run again; what was created stays.`,
      { cause: error },
    );
  }
}
