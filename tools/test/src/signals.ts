// The signals that end a run early: remembered here, passed on to whatever runs at the moment.
import type { SignalSource } from './run-command.ts';

export interface Interruption extends SignalSource {
  /** The first signal that came, if any. */
  readonly signal: () => NodeJS.Signals | undefined;
}

/** A terminal sends Ctrl-C to the children as well; a second one would make them give up their clean-up. */
function childrenHaveIt(signal: NodeJS.Signals): boolean {
  return signal === 'SIGINT' && process.stdin.isTTY;
}

/** Starts listening; from then on these signals no longer end this process by themselves. */
export function listenForSignals(): Interruption {
  const listeners = new Set<(signal: NodeJS.Signals) => void>();
  let first: NodeJS.Signals | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      first ??= signal;
      if (childrenHaveIt(signal)) return;
      for (const listener of listeners) listener(signal);
    });
  }
  return {
    signal: () => first,
    onSignal: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
