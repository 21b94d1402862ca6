// Description, command, arguments and environment variables (pods-api.md 4.2).
import type { Location, Problem } from '../problem.ts';
import { kindOf, valueError } from '../problem.ts';

/** decisions.md, pods C4. */
const descriptionLengthMax = 404;

/** ASCII, and short. */
export function descriptionProblems(description: string): readonly Problem[] {
  if (description.length > descriptionLengthMax) {
    const rule = `may have at most ${descriptionLengthMax} characters (got ${kindOf(description)})`;
    return [valueError(['description'], rule)];
  }
  // Line breaks and tabs are fine, other control characters are not.
  if (/^[\t\n\r\x20-\x7e]*$/.test(description)) return [];
  return [valueError(['description'], 'must be ASCII text')];
}

/** Rules for `command` and `arguments`. */
export function wordsProblems(field: 'command' | 'arguments', words: readonly string[] | null): readonly Problem[] {
  return (words ?? []).flatMap((word, index) => [
    ...(word.includes('\0') ? [valueError([field, index], 'must not hold NUL characters')] : []),
    ...placeholderProblems([field, index], word),
  ]);
}

/** Kubernetes' rule for names; the values are the user's, but references to secrets cannot be followed yet. */
export function environmentProblems(variables: Readonly<Record<string, string>>): readonly Problem[] {
  return Object.entries(variables).flatMap(([name, value]) => [
    ...(/^[\x20-\x3c\x3e-\x7e]+$/.test(name)
      ? []
      : [valueError(['environment_variables', name], "a name must be printable ASCII without '='")]),
    ...(value.includes('\0') ? [valueError(['environment_variables', name], 'must not hold NUL characters')] : []),
    ...placeholderProblems(['environment_variables', name], value),
  ]);
}

/** These would be replaced by secrets; passing them on as they stand would hide a mistake (pods-api.md 6.7). */
const secretReferences = /\$\{pods:secrets:|\$\{secret:|<<(?:tapissecret_|TAPIS_)/;

function placeholderProblems(location: Location, text: string): readonly Problem[] {
  if (!secretReferences.test(text)) return [];
  const rule = 'references to secrets and credentials are not offered by this version of the service yet';
  return [valueError(location, `${rule}; put in a plain value`)];
}
