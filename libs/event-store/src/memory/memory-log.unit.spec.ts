// The twin keeps the port's promises.
import { eventLogContract } from '../testing/event-log-contract.ts';
import { createMemoryLog } from './memory-log.ts';

eventLogContract('in-memory twin', async () => {
  const log = createMemoryLog();
  return { log, other: log, small: createMemoryLog({ sizeBytesMax: 40_000 }), close: async () => {} };
});
