// Whether the log has room for new pods and changes (architecture.md section 3). The limit is soft and far from the end, so
// an answer of some seconds' age will do, and no change waits for a new one.
import type { EventLog } from '@pods/event-store';
import { allowsGrowth } from '@pods/event-store';

/** Milliseconds after which an answer is asked for anew, in the background. */
const keptMs = 5000;

/** Whether creates and updates are taken. @throws what {@link EventLog.usage} throws, until it has answered once. */
export type LogRoom = () => Promise<boolean>;

/** One for the app: the first one who asks waits for the log, others get the answer that is there. */
export function createLogRoom(log: Pick<EventLog, 'usage'>, clock: () => number): LogRoom {
  let known: { readonly room: boolean; readonly at: number } | undefined;
  let asking: Promise<boolean> | undefined;
  const ask = async (): Promise<boolean> => {
    try {
      const room = allowsGrowth(await log.usage());
      known = { room, at: clock() };
      return room;
    } finally {
      asking = undefined;
    }
  };
  return async () => {
    if (known === undefined) return (asking ??= ask());
    if (clock() - known.at >= keptMs && asking === undefined) {
      asking = ask();
      // The change itself will tell when the log is away: until then the last answer counts.
      asking.catch(() => undefined);
    }
    return known.room;
  };
}
