// Which servers are taken, and how a difference is told.
import { topology } from '@pods/contracts';
import { describe, expect, it } from 'vitest';
import { checkServerVersion, ServerTooOldError } from './compare-nats.ts';
import { specSizes, streamDefinitions } from './definitions.ts';

describe('the server version', () => {
  it.for(['2.12.0', '2.12.3', '2.15.2', '3.0.0', 'v2.14.1', '2.15.0-RC.1'])('%s is taken', (version) => {
    expect(() => checkServerVersion(version)).not.toThrow();
  });

  it.for(['2.11.9', '2.10.27', '1.4.0', 'unknown', ''])('%s is refused', (version) => {
    expect(() => checkServerVersion(version)).toThrow(ServerTooOldError);
  });

  it('is named together with the one that is needed', () => {
    expect(() => checkServerVersion('2.10.27')).toThrow(/2\.10\.27.*2\.12\.0 or newer/);
  });
});

describe('the streams', () => {
  it('let no writer replace, expire or delete an event', () => {
    const [events] = streamDefinitions({ names: topology(), replicas: 3, maxBytes: specSizes });
    expect(events).toMatchObject({
      name: 'POD_EVENTS',
      discard: 'new',
      discard_new_per_subject: true,
      max_msgs_per_subject: 1,
      max_age: 0,
      deny_delete: true,
      allow_rollup_hdrs: false,
      num_replicas: 3,
    });
  });

  it('all have a limit of bytes and a name of the installation', () => {
    for (const definition of streamDefinitions({ names: topology('mine'), replicas: 1, maxBytes: specSizes })) {
      expect(definition.max_bytes).toBeGreaterThan(0);
      expect(definition.name).toContain('mine_');
    }
  });
});
