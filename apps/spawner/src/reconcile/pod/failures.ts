import type { Cause } from '@pods/domain-pods';
// What a failed call to the cluster means for the attempt to start a pod. Pure.
import type { KubeError } from '@pods/kube';

export type FailureMeaning =
  /** Nobody's pod is at fault: the cluster is away, overloaded, or does not let us in. Try again, count nothing. */
  | { readonly kind: 'wait' }
  /** An attempt failed; another may succeed. */
  | { readonly kind: 'counts'; readonly cause: Cause }
  /** No attempt will ever succeed. */
  | { readonly kind: 'hopeless'; readonly cause: Cause };

/** Judges by the kind of refusal (runtime.md 2.8, decisions.md runtime C8). */
export function meaningOf(error: Pick<KubeError, 'code' | 'message' | 'reason'>): FailureMeaning {
  switch (error.code) {
    case 'Unavailable':
    case 'Conflict':
    case 'Gone':
    case 'Unauthorized':
    // What is not found when something is created is the namespace.
    case 'NotFound':
    case 'AlreadyExists':
      return { kind: 'wait' };
    case 'Forbidden':
      return isPlatformTrouble(error.message) ? { kind: 'wait' } : { kind: 'hopeless', cause: causeOf(error) };
    case 'Invalid':
    case 'TooLarge':
      return { kind: 'hopeless', cause: causeOf(error) };
    case 'Unexpected':
      return { kind: 'counts', cause: causeOf(error) };
  }
}

/** A missing right of ours, a namespace or account that is going or not there yet: not what the pod asks for. */
function isPlatformTrouble(message: string): boolean {
  return /cannot \w+ resource|being terminated|error looking up service account|not yet ready to handle/.test(message);
}

function causeOf({ code, message, reason }: Pick<KubeError, 'code' | 'message' | 'reason'>): Cause {
  const quota = /exceeded quota/.test(message);
  return { reason: quota ? 'QuotaExceeded' : (reason ?? code), message };
}
