// What a failed storm has to say: how to run it again, what was asked for, what the histories hold.
import type { RecordedEvent } from '@pods/event-store';
import type { Storm } from './storm.ts';

/** A text for people. */
export function reportOf({ outcomes, histories, unsettled, stale }: Storm, seed: string): string {
  const commands = outcomes.map(
    ({ command, status, version, uncertainBefore }) =>
      `${command.podId} ${command.action} ${command.key}: ${status} v${version ?? '-'}${uncertainBefore ? ' (asked again)' : ''}`,
  );
  const events = [...histories].flatMap(([podId, history]) => [`-- ${podId}`, ...history.map(lineOf)]);
  return [`PODS_CHAOS_SEED=${seed}`, ...unsettled, ...stale, '-- commands', ...commands, ...events].join('\n');
}

function lineOf({ version, at, type, actor, causeId, body }: RecordedEvent): string {
  const { definition: _, changes: __, ...rest } = body;
  return `v${version} ${at} ${type} by ${actor} for ${causeId.slice(0, 12)} ${JSON.stringify(rest)}`;
}
