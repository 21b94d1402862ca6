// Sends one GET over and over on kept connections, as fast as answers come, for some seconds. Undici's own dispatch: the
// cheapest real HTTP client there is in this project, so that the server is what is measured.
import { performance } from 'node:perf_hooks';
import { Pool, request } from 'undici';
import { childAnswer, childInput } from '../../servers/child-program.ts';
import type { LoadAnswer } from './load.ts';
import { loadInput } from './load.ts';

const { url, path, headers, connections, seconds } = childInput(loadInput);
const pool = new Pool(url, { connections, pipelining: 1 });

async function getUntil(deadline: number): Promise<number> {
  let count = 0;
  while (performance.now() < deadline) {
    const answer = await pool.request({ method: 'GET', path, headers });
    await answer.body.dump({ limit: 1_000_000 });
    if (answer.statusCode !== 200) throw new Error(`${url}${path} answers ${answer.statusCode}`);
    count += 1;
  }
  return count;
}

async function load(forSeconds: number): Promise<LoadAnswer> {
  const from = performance.now();
  const before = performance.eventLoopUtilization();
  const deadline = from + forSeconds * 1000;
  const counts = await Promise.all(Array.from({ length: connections }, () => getUntil(deadline)));
  const total = counts.reduce((sum, count) => sum + count, 0);
  return {
    perSecond: total / ((performance.now() - from) / 1000),
    generatorBusy: performance.eventLoopUtilization(before).utilization,
  };
}

await (await request(`${url}${path}`, { headers })).body.dump();
await load(seconds / 4);
const measured = await load(seconds);
await pool.close();
childAnswer(measured);
