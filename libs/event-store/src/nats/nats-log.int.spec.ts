// The JetStream adapter keeps the port's promises on a real server, reads by index, and knows its limits.
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { topology } from '@pods/contracts';
import { specSizes, provisionNats } from '@pods/provision';
import { freshPrefix } from '@pods/testing';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { podHistories } from '../history-names.ts';
import { appendHistory, eventLogContract, freshKey } from '../testing/event-log-contract.ts';
import { openNatsLog } from './nats-log.ts';

const names = topology(freshPrefix());
const small = topology(freshPrefix());
beforeAll(async () => {
  const nc = await connect({ servers: inject('natsUrl') });
  await provisionNats(nc, { names, replicas: 1, maxBytes: specSizes });
  await provisionNats(nc, { names: small, replicas: 1, maxBytes: { ...specSizes, podEvents: 40_000 } });
  await nc.close();
});

eventLogContract('JetStream', async () => {
  const [mine, theirs] = await Promise.all([
    connect({ servers: inject('natsUrl') }),
    connect({ servers: inject('natsUrl') }),
  ]);
  const [log, other, smallLog] = await Promise.all([
    openNatsLog({ nc: mine, names: podHistories(names) }),
    openNatsLog({ nc: theirs, names: podHistories(names) }),
    openNatsLog({ nc: mine, names: podHistories(small) }),
  ]);
  return { log, other, small: smallLog, close: async () => void (await Promise.all([mine.close(), theirs.close()])) };
});

describe('reading by index', () => {
  it('reads a history of 1,000 events with one small request each and no consumer', async () => {
    const nc = await connect({ servers: inject('natsUrl') });
    const watcher = await connect({ servers: inject('natsUrl') });
    const log = await openNatsLog({ nc, names: podHistories(names) });
    const key = freshKey();
    await appendHistory(log, key, 1000);

    const requests: string[] = [];
    const watching = watcher.subscribe('$JS.API.>', {
      callback: (_error, message) => {
        if (message.subject.includes(names.prefix)) requests.push(message.subject);
      },
    });
    await watcher.flush();
    const history = await log.read(key);
    await nc.flush();
    await watcher.flush();
    watching.unsubscribe();

    expect(history.map((event) => event.version)).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
    const root = `$JS.API.DIRECT.GET.${names.streams.podEvents}.${names.prefix}.pods.events.${key.join('.')}`;
    expect(requests).toHaveLength(1000);
    expect(requests.every((subject) => subject.startsWith(root))).toBe(true);
    const jsm = await jetstreamManager(nc);
    const info = await jsm.streams.info(names.streams.podEvents);
    expect(info.state.consumer_count).toBe(0);
    await Promise.all([nc.close(), watcher.close()]);
  });
});
