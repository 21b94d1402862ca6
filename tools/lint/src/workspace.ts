// Finds the projects of the workspace that a file lies in. It reads package.json files and judges nothing.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** One project: a folder with a package.json that carries an Nx tag. */
export interface Project {
  readonly name: string;
  /** Absolute path. */
  readonly folder: string;
  readonly tag: string;
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
}

export interface Workspace {
  /** What the root's package.json offers to every spec: the test runner and the like. */
  readonly sharedDevDependencies: ReadonlySet<string>;
  readonly byName: ReadonlyMap<string, Project>;
  readonly projectOf: (file: string) => Project | undefined;
}

const known = new Map<string, Workspace>();

/** The workspace around a file (the nearest folder above whose package.json lists workspaces), read once a run. */
export function workspaceOf(file: string): Workspace | undefined {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const patterns = workspacePatterns(join(folder, 'package.json'));
    if (patterns !== undefined) return remembered(folder, patterns);
  }
  return undefined;
}

function remembered(root: string, patterns: readonly string[]): Workspace {
  const cached = known.get(root);
  if (cached !== undefined) return cached;
  const workspace = readWorkspace(root, patterns);
  known.set(root, workspace);
  return workspace;
}

function readWorkspace(root: string, patterns: readonly string[]): Workspace {
  const files = globSync(
    patterns.map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  );
  const projects = files.map((file) => readProject(join(root, file)));
  return {
    sharedDevDependencies: keysOf(readJson(join(root, 'package.json'))['devDependencies']),
    byName: new Map(projects.map((project) => [project.name, project])),
    projectOf: (file) => projects.find((project) => file.startsWith(project.folder + sep)),
  };
}

function readProject(file: string): Project {
  const json = readJson(file);
  const name = json['name'];
  if (typeof name !== 'string') throw new Error(`${file} has no "name"`);
  const tags = isRecord(json['nx']) ? json['nx']['tags'] : undefined;
  const tag: unknown = Array.isArray(tags) && tags.length === 1 ? tags[0] : undefined;
  if (typeof tag !== 'string') throw new Error(`${file} needs exactly one tag: "nx": { "tags": ["..."] }`);
  return {
    name,
    folder: dirname(file),
    tag,
    dependencies: keysOf(json['dependencies']),
    devDependencies: keysOf(json['devDependencies']),
  };
}

function workspacePatterns(file: string): readonly string[] | undefined {
  if (!existsSync(file)) return undefined;
  const patterns = readJson(file)['workspaces'];
  return Array.isArray(patterns) ? patterns.filter((pattern) => typeof pattern === 'string') : undefined;
}

function readJson(file: string): Record<string, unknown> {
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isRecord(parsed)) throw new Error(`${file} does not hold an object`);
  return parsed;
}

function keysOf(value: unknown): ReadonlySet<string> {
  return new Set(isRecord(value) ? Object.keys(value) : []);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
