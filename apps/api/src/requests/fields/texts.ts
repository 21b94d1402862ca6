// Description, command, arguments and environment variables (pods-api.md 4.2).
import { environmentNamePattern } from '@pods/contracts';
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

/** In the name of a variable it asks for a private registry's credentials (pods-api.md 4.2). */
const imagePullSecret = 'TAPIS_PODS_IMAGEPULLSECRET';

/** Rules for names; the values are the user's, but references to secrets cannot be followed yet. */
export function environmentProblems(variables: Readonly<Record<string, string>>): readonly Problem[] {
  return Object.entries(variables).flatMap(([name, value]) => [
    ...variableNameProblems(name),
    ...(value.includes('\0') ? [valueError(['environment_variables', name], 'must not hold NUL characters')] : []),
    ...placeholderProblems(['environment_variables', name], value),
  ]);
}

function variableNameProblems(name: string): readonly Problem[] {
  const at = ['environment_variables', name];
  if (!environmentNamePattern.test(name)) {
    return [
      valueError(at, "a name must be letters, digits, '_', '.' and '-', and not begin with a digit or with '..'"),
    ];
  }
  if (!name.includes(imagePullSecret)) return [];
  const rule = 'private images are not offered by this version of the service yet';
  // As a plain variable it would be kept in the log and shown, and pull nothing.
  return [valueError(at, `${rule}; leave ${imagePullSecret} out and use an image that needs no login`)];
}

/** These would be replaced by secrets; passing them on as they stand would hide a mistake (pods-api.md 6.7). */
const secretReferences = /\$\{pods:secrets:|\$\{secret:|<<(?:tapissecret_|TAPIS_)/;

function placeholderProblems(location: Location, text: string): readonly Problem[] {
  if (!secretReferences.test(text)) return [];
  const rule = 'references to secrets and credentials are not offered by this version of the service yet';
  return [valueError(location, `${rule}; put in a plain value`)];
}
