// What an app waits for before it may be sent work. It knows names and reasons, not what is behind them.

/** One thing the app needs; it counts as missing until `set(true)`. */
export interface Need {
  /** `reason` is shown on /readyz: no secrets. */
  readonly set: (ok: boolean, reason?: string) => void;
}

export interface ReadinessState {
  readonly ready: boolean;
  /** Name of each missing thing → why. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** Ready when at least one need was declared, all of them hold, and the app is not stopping. */
export interface Readiness {
  /** Declares a need. The same name twice is a bug and throws. */
  readonly need: (name: string) => Need;
  readonly state: () => ReadinessState;
}

/** @param signal once aborted the app is stopping and never ready again. */
export function createReadiness(signal?: AbortSignal): Readiness {
  const missing = new Map<string, string | undefined>();
  return {
    need: (name) => {
      if (missing.has(name)) throw new Error(`the need '${name}' is declared twice`);
      missing.set(name, 'starting');
      return { set: (ok, reason) => void missing.set(name, ok ? undefined : (reason ?? 'not ready')) };
    },
    state: () => {
      const reasons: Record<string, string> = {};
      if (missing.size === 0) reasons['app'] = 'starting';
      if (signal?.aborted === true) reasons['app'] = 'stopping';
      for (const [name, reason] of missing) if (reason !== undefined) reasons[name] = reason;
      return { ready: Object.keys(reasons).length === 0, reasons };
    },
  };
}
