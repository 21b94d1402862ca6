import { expect, it } from 'vitest';
import { createLogRoom } from './log-room.ts';

const full = { bytes: 90, bytesMax: 100, lastSeq: 1 };
const roomy = { bytes: 10, bytesMax: 100, lastSeq: 1 };

/** A log whose answers are given by hand. */
function slowLog() {
  const asked: PromiseWithResolvers<typeof full>[] = [];
  const usage = async (): Promise<typeof full> => {
    const answer = Promise.withResolvers<typeof full>();
    asked.push(answer);
    return answer.promise;
  };
  return { asked, usage };
}

it('is asked of the log once by all who come first, and they wait', async () => {
  const log = slowLog();
  const hasRoom = createLogRoom(log, () => 0);
  const both = Promise.all([hasRoom(), hasRoom()]);
  expect(log.asked).toHaveLength(1);
  log.asked[0]?.resolve(full);
  expect(await both).toEqual([false, false]);
});

it('is asked again after some seconds, once, while nobody waits', async () => {
  const log = slowLog();
  let now = 0;
  const hasRoom = createLogRoom(log, () => now);
  const first = hasRoom();
  log.asked[0]?.resolve(roomy);
  expect(await first).toBe(true);
  now = 4999;
  expect(await hasRoom()).toBe(true);
  expect(log.asked).toHaveLength(1);
  now = 5000;
  expect([await hasRoom(), await hasRoom()]).toEqual([true, true]);
  expect(log.asked).toHaveLength(2);
  log.asked[1]?.resolve(full);
  await expect.poll(hasRoom).toBe(false);
  expect(log.asked).toHaveLength(2);
});

it('that cannot be had is an error for the first, who may ask again; later ones have the last answer', async () => {
  const log = slowLog();
  let now = 0;
  const hasRoom = createLogRoom(log, () => now);
  const failing = hasRoom();
  log.asked[0]?.reject(new Error('away'));
  await expect(failing).rejects.toThrow('away');
  const again = hasRoom();
  log.asked[1]?.resolve(roomy);
  expect(await again).toBe(true);
  now = 6000;
  expect(await hasRoom()).toBe(true);
  log.asked[2]?.reject(new Error('away'));
  const askedAgain = async (): Promise<number> => {
    expect(await hasRoom()).toBe(true);
    return log.asked.length;
  };
  await expect.poll(askedAgain).toBe(4);
});
