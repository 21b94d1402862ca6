// Compares or provisions NATS.
import type { NatsConnection } from '@nats-io/nats-core';
import { compareNats } from '../nats/compare-nats.ts';
import { provisionNats } from '../nats/provision-nats.ts';
import type { NatsLine } from './command-line.ts';
import { withNats } from './nats-connection.ts';
import type { Report } from './report.ts';
import { formatSizes } from './sizes.ts';

/** @throws Refusal */
export async function runNats(line: NatsLine): Promise<Report> {
  return withNats(line, (connection) => (line.check ? compare(connection, line) : provision(connection, line)));
}

async function compare(connection: NatsConnection, line: NatsLine): Promise<Report> {
  const { serverVersion, found, missing, differences } = await compareNats(connection, line);
  const settled = missing.length === 0 && differences.length === 0;
  return {
    lines: [
      ...missing.map((stream) => `${stream}: missing`),
      ...differences.map(
        ({ stream, setting, wanted, found: present }) => `${stream}: ${setting} should be ${wanted}, found ${present}`,
      ),
      ...(settled ? [`nats-server ${serverVersion}: all ${found.length} streams are as wanted`] : []),
    ],
    json: { serverVersion, found, missing, differences },
    settled,
  };
}

async function provision(connection: NatsConnection, line: NatsLine): Promise<Report> {
  const { created, found } = await provisionNats(connection, line);
  return {
    lines: [
      ...created.map((stream) => `${stream}: created`),
      ...found.map((stream) => `${stream}: as wanted`),
      `copies: ${line.replicas}, limits: ${formatSizes(line.maxBytes)}`,
    ],
    json: { created, found },
    settled: true,
  };
}
