// Image references, parsed properly: registry with port, path, tag, digest (decisions.md, pods 4.2). Which images are
// allowed is not decided here.
import type { Problem } from '../problem.ts';
import { kindOf, valueError } from '../problem.ts';

/** The parts of an image reference; empty texts for parts that are not there. */
export interface ImageReference {
  /** Host, with its port; empty for the cluster's default registry. */
  readonly registry: string;
  readonly path: string;
  readonly tag: string;
  readonly digest: string;
}

/** Characters of registry and path together, as registries have it. */
const nameLengthMax = 255;
const referenceLengthMax = 512;

const host =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::\d{1,5})?$/;
const pathPart = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/** Parses a reference, or says which rule it breaks. */
export function parseImage(image: string): ImageReference | { readonly rule: string } {
  if (image.length > referenceLengthMax) return { rule: `may have at most ${referenceLengthMax} characters` };
  const [named = '', digest = '', ...more] = image.split('@');
  if (more.length > 0 || (image.includes('@') && !digestPattern.test(digest))) {
    return { rule: "after '@' a digest such as sha256:<64 hex digits> must follow" };
  }
  const lastPart = named.slice(named.lastIndexOf('/') + 1);
  const colon = lastPart.indexOf(':');
  const tag = colon === -1 ? '' : lastPart.slice(colon + 1);
  if (colon !== -1 && !tagPattern.test(tag)) {
    return { rule: "after ':' a tag of letters, digits, '_', '.' and '-' must follow, at most 128" };
  }
  const name = colon === -1 ? named : named.slice(0, named.length - tag.length - 1);
  return parseName(name, tag, digest);
}

function parseName(name: string, tag: string, digest: string): ImageReference | { readonly rule: string } {
  if (name.length > nameLengthMax) return { rule: `registry and path may have at most ${nameLengthMax} characters` };
  const parts = name.split('/');
  const [first = ''] = parts;
  const hasRegistry = parts.length > 1 && (/[.:A-Z]/.test(first) || first === 'localhost');
  if (hasRegistry && !isHost(first)) return { rule: 'the registry must be a host name with an optional port' };
  const pathParts = hasRegistry ? parts.slice(1) : parts;
  if (!pathParts.every((part) => pathPart.test(part))) {
    return { rule: "each part of the path must be lower-case letters and digits, separated by '.', '_' or '-'" };
  }
  return { registry: hasRegistry ? first : '', path: pathParts.join('/'), tag, digest };
}

function isHost(text: string): boolean {
  const port = /:(\d+)$/.exec(text)?.[1];
  return host.test(text) && (port === undefined || (Number(port) >= 1 && Number(port) <= 65_535));
}

/** Rules for the field `image`. */
export function imageProblems(image: string): readonly Problem[] {
  if (image === '') {
    const hint = 'templates are not offered by this version of the service yet';
    return [valueError(['image'], `an image is needed, such as docker.io/library/nginx:1.27 (${hint})`)];
  }
  const parsed = parseImage(image);
  return 'rule' in parsed ? [valueError(['image'], `${parsed.rule} (got ${kindOf(image)})`)] : [];
}
