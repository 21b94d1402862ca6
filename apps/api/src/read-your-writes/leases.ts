// The knowledge of one api process about the others: who shows the pods at present, and how far each has read the log.
// Pure: told what was heard and when, asked what follows. How it is announced is in freshness.ts.
//
// A process may show pods while its own announcements come back to it (its lease), and while it is not behind what it
// has heard of for long. So whoever has changed something needs to wait for lease holders only, and never longer than
// a lease: what has not caught up by then has stopped showing pods (architecture.md section 5). A process that was alone
// when it was cut off goes on showing them: there is nobody who could have changed them (docs/adr/0011).

/** What a process says about itself. */
export interface Announcement {
  readonly instance: string;
  /** It has applied every event up to this sequence of the stream. */
  readonly seq: number;
  /** The sender's own clock, meaningful to it alone. */
  readonly sentAt: number;
  /** It shows no pods any more. */
  readonly leaving: boolean;
}

export interface LeasesOptions {
  readonly instance: string;
  /** Milliseconds. */
  readonly leaseMs: number;
}

/** All instants are milliseconds of one monotonic clock of this process. */
export interface Leases {
  /** An announcement came in, of this process or another. */
  readonly heard: (announcement: Announcement, now: number) => void;
  /** This process has applied events up to `seq`. */
  readonly applied: (seq: number) => void;
  /** Everything that was in the stream after the lease began is applied: `term` is that of {@link term}. */
  readonly joined: (term: number) => void;
  /** Number of the present unbroken lease; 0 while there is none. */
  readonly term: (now: number) => number;
  /** Whether what this process shows is known to be current. */
  readonly isCurrent: (now: number) => boolean;
  /** Whether this process may show pods: when that is current, or when it is cut off and there was nobody else. */
  readonly mayShow: (now: number) => boolean;
  /** Whether others hold leases, so that announcing early is of use. */
  readonly hasOthers: (now: number) => boolean;
  /**
   * Undefined when every holder has applied `seq`; otherwise the instant at which asking again makes sense without
   * having heard anything.
   */
  readonly waitsUntil: (seq: number, now: number) => number | undefined;
}

interface Holder {
  readonly seq: number;
  readonly heardAt: number;
}

interface HeardSeq {
  readonly seq: number;
  readonly heardAt: number;
}

/** Sequences remembered that this process has heard of and not applied; only the oldest one matters. */
const pendingMax = 256;

/** No lease, nobody known. */
export function createLeases({ instance, leaseMs }: LeasesOptions): Leases {
  const holders = new Map<string, Holder>();
  /** Others that may be showing pods, with when they were last heard: unlike holders, none is forgotten while deaf. */
  const company = new Map<string, number>();
  /** This process has heard itself, and so would have heard others, for a whole lease after it had joined. */
  let hasSettled = false;
  const pending: HeardSeq[] = [];
  let echoedSentAt = Number.NEGATIVE_INFINITY;
  let hearsSince = Number.POSITIVE_INFINITY;
  let heardOwnAt = Number.NEGATIVE_INFINITY;
  let term = 0;
  let joinedTerm = 0;
  let ownSeq = 0;

  const holdsLease = (now: number): boolean => now < echoedSentAt + leaseMs;

  const heardOwn = ({ sentAt }: Announcement, now: number): void => {
    if (sentAt <= echoedSentAt) return;
    // After a gap others may have come and gone unheard.
    if (!holdsLease(now)) {
      hearsSince = now;
      term += 1;
    }
    echoedSentAt = sentAt;
    heardOwnAt = now;
    settle();
  };

  const settle = (): void => {
    if (heardOwnAt < hearsSince + leaseMs) return;
    for (const [other, heardAt] of company) if (heardOwnAt >= heardAt + leaseMs) company.delete(other);
    hasSettled ||= joinedTerm === term;
  };

  const heardOther = ({ instance: other, seq, leaving }: Announcement, now: number): void => {
    if (leaving) company.delete(other);
    else company.set(other, now);
    if (leaving) holders.delete(other);
    else holders.set(other, { seq: Math.max(seq, holders.get(other)?.seq ?? 0), heardAt: now });
    if (seq > ownSeq && seq > (pending.at(-1)?.seq ?? 0) && pending.length < pendingMax)
      pending.push({ seq, heardAt: now });
  };

  const forgetExpired = (now: number): void => {
    for (const [other, holder] of holders) if (now >= holder.heardAt + leaseMs) holders.delete(other);
  };

  const isBehind = (now: number): boolean => {
    const [oldest] = pending;
    return oldest !== undefined && now >= oldest.heardAt + leaseMs / 2;
  };
  const isCurrent = (now: number): boolean => holdsLease(now) && joinedTerm === term && !isBehind(now);

  return {
    heard: (announcement, now) => {
      if (announcement.instance === instance) heardOwn(announcement, now);
      else heardOther(announcement, now);
    },
    applied: (seq) => {
      ownSeq = Math.max(ownSeq, seq);
      while (pending[0] !== undefined && pending[0].seq <= ownSeq) pending.shift();
    },
    joined: (ofTerm) => {
      joinedTerm = ofTerm;
      settle();
    },
    term: (now) => (holdsLease(now) ? term : 0),
    isCurrent,
    mayShow: (now) => isCurrent(now) || (hasSettled && company.size === 0 && !isBehind(now)),
    hasOthers: (now) => {
      forgetExpired(now);
      return holders.size > 0;
    },
    waitsUntil: (seq, now) => {
      forgetExpired(now);
      const behind = [...holders.values()].filter((holder) => holder.seq < seq);
      const ends = behind.map((holder) => holder.heardAt + leaseMs);
      // Holders that were not heard yet would be heard within one lease.
      // While this process does not hear itself, it does not hear others either.
      const hearsFrom = holdsLease(now) ? hearsSince : now;
      if (now < hearsFrom + leaseMs) ends.push(hearsFrom + leaseMs);
      return ends.length === 0 ? undefined : Math.min(...ends);
    },
  };
}
