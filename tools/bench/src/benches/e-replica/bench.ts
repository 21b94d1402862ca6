// (e) How long a process takes until it knows every pod of a large installation, and what that costs in memory.
import { connect } from '@nats-io/transport-node';
import { topology } from '@pods/contracts';
import { localSizes, provisionNats } from '@pods/provision';
import { findProgram, startNatsServer } from '@pods/testing/servers';
import type { BenchContext, Measure, ServersBench } from '../../bench.ts';
import { atMost, measureOf } from '../../samples.ts';
import { runChildProgram } from '../../servers/child-program.ts';
import { fillLog } from './fill-log.ts';
import type { ReplicaAnswer } from './replica.ts';
import { replicaAnswer } from './replica.ts';

const pods = 100_000;
const eventsPerPod = 10;
const starts = 5;
const secondsMax = 10;
const bytesPerPodMax = 8 * 1024;
const gib = 1024 ** 3;

const program = new URL('replica.program.ts', import.meta.url);
/** Room for the waste between two collections; the replica itself needs a fraction of it. */
const nodeOptions = ['--expose-gc', '--max-old-space-size=4096'];

export const replicaBench: ServersBench = {
  letter: 'e',
  title: 'replica start with 100,000 pods and a million events, memory per pod',
  needs: 'servers',
  run: measureStarts,
};

async function measureStarts({ guard, progress }: BenchContext): Promise<readonly Measure[]> {
  const names = topology('bench');
  // Filling is not what is measured, so it does not wait for the disk; the measured server is started as in production.
  const server = await startNatsServer(guard, await findProgram('nats-server'), '', { isSynced: false });
  const nc = await connect({ servers: server.url });
  const maxBytes = { ...localSizes, podEvents: 4 * gib, podState: 2 * gib };
  await provisionNats(nc, { names, replicas: 1, maxBytes });
  const onPods = (done: number): void => {
    if (done % 20_000 === 0) progress(`${done} of ${pods} histories written`);
  };
  await fillLog(nc, names, { pods, eventsPerPod, onPods });
  await nc.close();
  const start = (options: { usesSnapshot: boolean; fillsSnapshot: boolean }): Promise<ReplicaAnswer> =>
    runChildProgram(program, { natsUrl: server.url, prefix: 'bench', ...options }, replicaAnswer, nodeOptions);
  progress('a start without a snapshot; then the snapshot is written');
  const replay = assertComplete(await start({ usesSnapshot: false, fillsSnapshot: true }));
  await server.kill('SIGTERM');
  await server.restart();
  const loads: ReplicaAnswer[] = [];
  for (let count = 0; count < starts; count += 1) {
    progress(`start ${count + 1} of ${starts} from the snapshot`);
    loads.push(assertComplete(await start({ usesSnapshot: true, fillsSnapshot: false })));
  }
  return measuresOf(replay, loads);
}

function measuresOf(replay: ReplicaAnswer, loads: readonly ReplicaAnswer[]): readonly Measure[] {
  const seconds = ({ startMs }: ReplicaAnswer): number => startMs / 1000;
  const startTime = measureOf('replica start from the snapshot', 's', loads.map(seconds));
  const heap = measureOf(
    'memory per pod, collected heap',
    'bytes',
    loads.map(({ heapBytes }) => heapBytes / pods),
  );
  const memoryText = `at most ${bytesPerPodMax / 1024} KiB`;
  return [
    { ...startTime, aim: atMost(startTime.p50, secondsMax, `at most ${secondsMax} s`) },
    measureOf('replica start by replaying the stream', 's', [seconds(replay)]),
    { ...heap, aim: atMost(heap.p50, bytesPerPodMax, memoryText) },
    measureOf(
      'memory per pod, resident',
      'bytes',
      loads.map(({ residentBytes }) => residentBytes / pods),
    ),
    measureOf('memory per pod after a replay, collected heap', 'bytes', [replay.heapBytes / pods]),
  ];
}

function assertComplete(answer: ReplicaAnswer): ReplicaAnswer {
  if (answer.pods !== pods || answer.appliedSeq !== pods * eventsPerPod) {
    throw new Error(
      `the replica has ${answer.pods} pods at ${answer.appliedSeq}, not ${pods} at ${pods * eventsPerPod}`,
    );
  }
  return answer;
}
