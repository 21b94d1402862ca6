// Holds what is on a nats-server against what is wanted there. Changes nothing.
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

/** One setting of one stream that is not as wanted. Values are texts, `unset` for none. */
export interface StreamDifference {
  readonly stream: string;
  readonly setting: string;
  readonly wanted: string;
  readonly found: string;
}

export interface NatsComparison {
  readonly serverVersion: string;
  /** Streams that are there, with whatever settings. */
  readonly found: readonly string[];
  readonly missing: readonly string[];
  readonly differences: readonly StreamDifference[];
}

/** @throws ServerTooOldError */
export async function compareNats(nc: NatsConnection, settings: NatsSettings): Promise<NatsComparison> {
  const serverVersion = nc.info?.version ?? 'unknown';
  checkServerVersion(serverVersion);
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const [found, missing]: [string[], string[]] = [[], []];
  const differences: StreamDifference[] = [];
  for (const definition of streamDefinitions(settings)) {
    const config = await streamConfig(jsm, definition.name);
    (config === undefined ? missing : found).push(definition.name);
    if (config !== undefined) differences.push(...settingDifferences(definition, config));
  }
  return { serverVersion, found, missing, differences };
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

/** Each listed setting that a stream has otherwise. */
export function settingDifferences(definition: StreamDefinition, found: StreamConfig): readonly StreamDifference[] {
  const have = new Map<string, unknown>(Object.entries(found));
  return Object.entries(definition).flatMap(([setting, value]) => {
    const difference = {
      stream: definition.name,
      setting,
      wanted: comparable(value),
      found: comparable(have.get(setting)),
    };
    return difference.wanted === difference.found ? [] : [difference];
  });
}

/** The settings of a stream; undefined when there is no such stream. */
export async function streamConfig(jsm: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
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
