// Creates the streams and buckets that are missing and checks those that are there. Changes nothing that exists:
// a setting that differs is a decision for a person.
import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { NatsSettings, StreamDefinition } from './definitions.ts';
import { streamDefinitions } from './definitions.ts';

/** The oldest nats-server whose behaviour the event store relies on (nats.md 1.1, point 13). */
export const serverVersionMin = '2.12.0';

export class ServerTooOldError extends Error {
  override readonly name = 'ServerTooOldError';
  readonly code = 'nats_server_too_old';
}

export class StreamDiffersError extends Error {
  override readonly name = 'StreamDiffersError';
  readonly code = 'nats_stream_differs';
}

export interface NatsProvisioned {
  readonly created: readonly string[];
  readonly found: readonly string[];
}

/**
 * Makes sure that everything on NATS is there as {@link streamDefinitions} says. Safe to repeat and to run twice
 * at once.
 * @throws ServerTooOldError, StreamDiffersError
 */
export async function provisionNats(nc: NatsConnection, settings: NatsSettings): Promise<NatsProvisioned> {
  checkServerVersion(nc.info?.version ?? 'unknown');
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const created: string[] = [];
  const found: string[] = [];
  const differences: string[] = [];
  for (const definition of streamDefinitions(settings)) {
    const outcome = await ensureStream(jsm, definition);
    (outcome.created ? created : found).push(definition.name);
    differences.push(...settingDifferences(definition, outcome.config));
  }
  if (differences.length > 0) {
    throw new StreamDiffersError(
      `NATS holds streams with other settings than wanted. Change them there or in the settings here:\n${differences.join('\n')}`,
    );
  }
  return { created, found };
}

/** @throws ServerTooOldError naming both versions. */
export function checkServerVersion(version: string): void {
  const found = version.match(/^v?(\d+)\.(\d+)\.(\d+)/);
  const wanted = serverVersionMin.split('.').map(Number);
  if (found !== null && isAtLeast(found.slice(1).map(Number), wanted)) return;
  throw new ServerTooOldError(
    `This nats-server is version ${version}; ${serverVersionMin} or newer is needed. Update the server and start again.`,
  );
}

/** One line for each listed setting that a stream has otherwise: stream, setting, wanted, found. */
export function settingDifferences(definition: StreamDefinition, found: StreamConfig): readonly string[] {
  const have = new Map<string, unknown>(Object.entries(found));
  return Object.entries(definition).flatMap(([setting, wanted]) => {
    const [wantedText, foundText] = [comparable(wanted), comparable(have.get(setting))];
    if (wantedText === foundText) return [];
    return [`  ${definition.name}: ${setting} should be ${wantedText}, found ${foundText}`];
  });
}

async function ensureStream(
  jsm: JetStreamManager,
  definition: StreamDefinition,
): Promise<{ readonly created: boolean; readonly config: StreamConfig }> {
  const existing = await streamConfig(jsm, definition.name);
  if (existing !== undefined) return { created: false, config: existing };
  try {
    const info = await jsm.streams.add(definition);
    return { created: true, config: info.config };
  } catch (error) {
    // Another run created it between the two requests, with these settings or with others.
    const winner = await streamConfig(jsm, definition.name);
    if (winner === undefined) throw error;
    return { created: false, config: winner };
  }
}

async function streamConfig(jsm: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
  try {
    const info = await jsm.streams.info(name);
    return info.config;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined;
    throw error;
  }
}

/** The server leaves out what is zero, false or empty, and may list subjects in any order. */
function comparable(value: unknown): string {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return 'unset';
  return JSON.stringify(Array.isArray(value) ? value.map(String).toSorted((a, b) => a.localeCompare(b)) : value);
}

function isAtLeast(found: readonly number[], wanted: readonly number[]): boolean {
  for (const [index, part] of wanted.entries()) {
    const difference = (found[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
