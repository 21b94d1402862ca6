// What is thrown on the way of a request, as a refusal: infrastructure errors by their type. Anything else is a bug.
import {
  EventTooLargeError,
  LogFullError,
  LogUnavailableError,
  NewerThanMeError,
  ReplicaBehindError,
  ReplicaFailedError,
  TooManyConflictsError,
} from '@pods/event-store';
import { IdentityUnavailableError } from '@pods/identity';
import { definitionBytesMax } from '../limits.ts';
import type { ApiRefusal } from './refusal.ts';

/** Undefined for an error that nobody expects. */
export function refusalOfError(error: unknown): ApiRefusal | undefined {
  if (error instanceof LogUnavailableError) return { code: error.outcomeUnknown ? 'OutcomeUnknown' : 'LogUnavailable' };
  if (error instanceof LogFullError) return { code: 'LogFull' };
  if (error instanceof EventTooLargeError) return { code: 'DefinitionTooLarge', bytesMax: definitionBytesMax };
  if (error instanceof NewerThanMeError) return { code: 'NewerThanMe' };
  if (error instanceof TooManyConflictsError) return { code: 'Busy' };
  if (error instanceof ReplicaBehindError) return { code: 'NotVisibleYet' };
  if (error instanceof ReplicaFailedError) return { code: 'NotServing' };
  if (error instanceof IdentityUnavailableError) return { code: 'IdentityUnavailable' };
  return undefined;
}
