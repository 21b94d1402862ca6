// Which stream and subjects hold a family of histories, and how a history's key and version sit in a subject.
import type { Topology } from '@pods/contracts';
import { subjectTokenPattern } from '@pods/contracts';
import type { HistoryKey, Version } from './port.ts';

/** The place of one family of histories on NATS. */
export interface HistoryNames {
  readonly stream: string;
  /** What stands before the key's tokens, without the last dot. */
  readonly subjectRoot: string;
  /** How many tokens a key has. */
  readonly keyTokens: number;
}

/** The histories of pods: keys are `[tenant, pod id]`. */
export function podHistories(names: Topology): HistoryNames {
  return {
    stream: names.streams.podEvents,
    subjectRoot: names.subjects.allPodEvents.slice(0, -'.*.*.*'.length),
    keyTokens: 2,
  };
}

/** The subject of one event. @throws RangeError for a key that is not made of subject tokens. */
export function eventSubject(names: HistoryNames, key: HistoryKey, version: Version): string {
  if (!Number.isSafeInteger(version) || version < 1) throw new RangeError('a version is a whole number from 1 on');
  return `${historyRoot(names, key)}.${version}`;
}

/** Matches every event of one history. @throws RangeError for a key that is not made of subject tokens. */
export function historySubjects(names: HistoryNames, key: HistoryKey): string {
  return `${historyRoot(names, key)}.*`;
}

/** Matches every event of the family. */
export function familySubjects(names: HistoryNames): string {
  return `${names.subjectRoot}${'.*'.repeat(names.keyTokens + 1)}`;
}

/** Key and version of a subject; undefined for one that is no event of this family. */
export function parseEventSubject(
  names: HistoryNames,
  subject: string,
): { readonly key: HistoryKey; readonly version: Version } | undefined {
  if (!subject.startsWith(`${names.subjectRoot}.`)) return undefined;
  const tokens = subject.slice(names.subjectRoot.length + 1).split('.');
  const versionText = tokens.pop();
  if (tokens.length !== names.keyTokens || versionText === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(versionText)) return undefined;
  return { key: tokens, version: Number(versionText) };
}

function historyRoot(names: HistoryNames, key: HistoryKey): string {
  if (key.length !== names.keyTokens) throw new RangeError(`a key of ${names.stream} has ${names.keyTokens} tokens`);
  for (const token of key) {
    if (!subjectTokenPattern.test(token)) throw new RangeError('a part of the key is no subject token');
  }
  return `${names.subjectRoot}.${key.join('.')}`;
}
