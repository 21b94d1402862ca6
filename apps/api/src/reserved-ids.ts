// Ids that name families of routes below /pods and therefore no pod, whatever the method.
import { reservedPodIds } from '@pods/contracts';

/** Beside those of the documentation: where this service has pages. */
const ownPages: readonly string[] = ['docs'];

export function isReservedId(id: string): boolean {
  return reservedPodIds.includes(id) || ownPages.includes(id);
}
