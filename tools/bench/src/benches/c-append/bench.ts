// (c) What POST /pods costs beside the one thing that it cannot do without: a durable append to the log.
import { randomUUID } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import { encodeEvent, openNatsLog, podHistories } from '@pods/event-store';
import type { BenchContext, Measure, ServersBench } from '../../bench.ts';
import { atMost, comparedWith, measureOf } from '../../samples.ts';
import { startApiServers, tenant } from '../../servers/api-servers.ts';
import { timeEach } from '../../servers/concurrently.ts';
import { createPodPoster } from '../../servers/post-pods.ts';
import { newPodEvent } from '../../servers/sample-events.ts';

const rounds = 4;
const ratioMax = 2.5;
/** How many calls of each kind in one round, by the number of clients. */
const loads = [
  { clients: 1, perRound: 250 },
  { clients: 32, perRound: 1600 },
] as const;

export const appendBench: ServersBench = {
  letter: 'c',
  title: 'durable append alone and POST /pods, 1 and 32 clients',
  needs: 'servers',
  run: async (context) => measureAppends(context, await startApiServers(context.guard, { alone: 0, served: 1 })),
};

type Servers = Awaited<ReturnType<typeof startApiServers<'alone' | 'served'>>>;

async function measureAppends({ progress }: BenchContext, servers: Servers): Promise<readonly Measure[]> {
  const { alone, served } = servers.installations;
  const [url = ''] = served.apiUrls;
  const token = await servers.identity.signToken({ tenant, user: 'ada' });
  const log = await openNatsLog({ nc: alone.nc, names: podHistories(alone.names) });
  const append = async (): Promise<void> => {
    const outcome = await log.append([tenant, newId()], 1, newPodEvent());
    if (outcome.kind !== 'appended') throw new Error('an append to a new history met another one');
  };
  const js = jetstream(alone.nc);
  const publish = async (): Promise<void> => {
    const key = [tenant, newId()];
    const encoded = encodeEvent(key, 1, newPodEvent());
    const own = headers();
    for (const [name, value] of encoded.headers) own.set(name, value);
    await js.publish(alone.names.subjects.podEvent({ tenant, podId: key[1] ?? '' }, 1), encoded.body, { headers: own });
  };
  const measures: Measure[] = [];
  for (const { clients, perRound } of loads) {
    const poster = createPodPoster(url, token, clients);
    const kinds = { publish, append, post: poster.post };
    const samples: Record<keyof typeof kinds, number[]> = { publish: [], append: [], post: [] };
    for (let round = 0; round <= rounds; round += 1) {
      progress(`${clients} clients, round ${round} of ${rounds}`);
      for (const kind of ['publish', 'append', 'post'] as const) {
        const times = await timeEach({ count: perRound, clients }, kinds[kind]);
        // What a POST leaves to do (copy of the log, cache of folds) must not slow down what is measured next.
        await served.whenIdle();
        // The first round is for warming up.
        if (round > 0) samples[kind].push(...times);
      }
    }
    await poster.close();
    const appended = measureOf(`append, ${countOf(clients)}`, 'ms', samples.append);
    const posted = comparedWith(measureOf(`POST /pods, ${countOf(clients)}`, 'ms', samples.post), appended);
    measures.push(measureOf(`JetStream publish, ${countOf(clients)}`, 'ms', samples.publish), appended, {
      ...posted,
      aim: atMost(posted.ratio.value, ratioMax, `p50 at most ${ratioMax} × the append`),
    });
  }
  await servers.close();
  return measures;
}

function countOf(clients: number): string {
  return clients === 1 ? '1 client' : `${clients} clients`;
}

function newId(): string {
  return `p${randomUUID().replaceAll('-', '')}`;
}
