// The rules of project boundaries: which import may stand in which file. Pure but for path arithmetic.
import { isBuiltin } from 'node:module';
import { dirname, resolve, sep } from 'node:path';
import type { Project, Workspace } from './workspace.ts';

/**
 * Which projects production code may use, by Nx tag. No tag ever reaches an app (apps meet in contracts and on NATS), and
 * none but test code reaches 'testing'.
 */
const allowedTags: ReadonlyMap<string, readonly string[]> = new Map([
  ['contracts', []],
  ['domain', ['contracts']],
  ['service', ['contracts']],
  ['adapter', ['contracts', 'service']],
  ['app', ['contracts', 'domain', 'adapter', 'service']],
  ['tool', ['contracts', 'service']],
  ['infra', ['contracts', 'domain', 'adapter', 'service', 'infra', 'tool']],
]);

interface Importer {
  readonly file: string;
  readonly project: Project;
  /** Test code may use any project but an app, and what devDependencies declare. */
  readonly isTestCode: boolean;
}

/** Why this file may not import this specifier; undefined when it may. */
export function judge(workspace: Workspace, file: string, specifier: string): string | undefined {
  const project = workspace.projectOf(file);
  if (project === undefined || isBuiltin(specifier)) return undefined;
  const from = { file, project, isTestCode: project.tag === 'testing' || isTestFile(file) };
  if (specifier.startsWith('.')) return judgeRelative(from, specifier);
  const name = packageName(specifier);
  const to = workspace.byName.get(name);
  if (to === project) return undefined;
  const finding = to === undefined ? undefined : judgeTags(from, to, specifier);
  return finding ?? judgeDeclaration(workspace, from, name);
}

/** Specs, type specs and what a project offers behind its /testing door. */
function isTestFile(file: string): boolean {
  return /\.spec(-d)?\.ts$/.test(file) || file.includes(`${sep}src${sep}testing${sep}`);
}

function judgeRelative({ file, project, isTestCode }: Importer, specifier: string): string | undefined {
  const target = resolve(dirname(file), specifier);
  if (!target.startsWith(project.folder + sep)) {
    return `'${specifier}' leaves ${project.name}: import the other project by its package name.`;
  }
  return isTestFile(target) && !isTestCode ? onlyForTests(specifier) : undefined;
}

function judgeTags({ project, isTestCode }: Importer, to: Project, specifier: string): string | undefined {
  if (to.tag === 'app') return `${to.name} is an app: nothing imports an app.`;
  if (isTestCode) return undefined;
  if (specifier !== to.name && specifier.endsWith('/testing')) return onlyForTests(specifier);
  const allowed = allowedTags.get(project.tag);
  if (allowed === undefined) return `${project.name} has the unknown tag '${project.tag}'.`;
  if (allowed.includes(to.tag)) return undefined;
  const list = allowed.join(', ') || 'none';
  return `a project tagged '${project.tag}' may not use '${to.tag}' (${to.name}); it may use: ${list}.`;
}

function judgeDeclaration(workspace: Workspace, from: Importer, name: string): string | undefined {
  const { dependencies, devDependencies, name: project } = from.project;
  if (dependencies.has(name)) return undefined;
  if (!from.isTestCode) return `'${name}' is not declared: add it to dependencies in the package.json of ${project}.`;
  if (devDependencies.has(name) || workspace.sharedDevDependencies.has(name)) return undefined;
  return `'${name}' is not declared: add it to devDependencies in the package.json of ${project}.`;
}

function onlyForTests(specifier: string): string {
  return `'${specifier}' is test code: only specs and test code may import it.`;
}

function packageName(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
