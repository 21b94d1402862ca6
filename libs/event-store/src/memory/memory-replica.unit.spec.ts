// The twin while the log is away.
import { expect, test } from 'vitest';
import { sampleEvent } from '../testing/event-log-contract.ts';
import { tallyAggregate } from '../testing/tally.ts';
import { createMemoryLog } from './memory-log.ts';
import { createMemoryReplica } from './memory-replica.ts';

const opened = () => sampleEvent({ type: 'TallyOpened', body: { round: 1 } });

/** A replica that has to ask the log for what it missed, just when the log goes away. */
async function cutOff() {
  const log = createMemoryLog();
  const replica = createMemoryReplica(log, tallyAggregate);
  await replica.caughtUp;
  const appended = log.append(['lab', 'one'], 2, opened());
  log.setUnavailable(true);
  await appended;
  return { log, replica };
}

test('a replica that cannot ask the log waits for it, and then goes on', async () => {
  const { log, replica } = await cutOff();
  await expect(replica.whenApplied(1, { deadlineMs: 10 })).rejects.toThrow('sequence 1');
  log.setUnavailable(false);
  await log.append(['lab', 'two'], 1, opened());
  await replica.whenApplied(2, { deadlineMs: 5000 });
  expect(replica.get(['lab', 'one'])).toMatchObject({ version: 2, newerThanMe: true });
  expect(replica.get(['lab', 'two'])?.state.open).toBe(true);
  await replica.close();
});

test('a replica that waits for the log can be closed', async () => {
  const { replica } = await cutOff();
  await replica.close();
  expect(replica.appliedSeq).toBe(0);
});
