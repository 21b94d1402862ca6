// The rules of project boundaries: which import may stand in which file. Pure but for path arithmetic.
import { isBuiltin } from 'node:module';
import { dirname, resolve, sep } from 'node:path';
import type { Project, Workspace } from './workspace.ts';

/** Which projects a project may use, by Nx tag. No tag ever reaches an app: apps meet in contracts and on NATS. */
const allowedTags: ReadonlyMap<string, readonly string[]> = new Map([
  ['contracts', []],
  ['domain', ['contracts']],
  ['service', ['contracts']],
  ['adapter', ['contracts', 'service']],
  ['app', ['contracts', 'domain', 'adapter', 'service']],
  ['tool', ['contracts', 'service']],
  ['infra', ['contracts', 'domain', 'adapter', 'service', 'infra', 'tool']],
  ['testing', ['contracts', 'domain', 'adapter', 'service', 'infra', 'tool', 'testing']],
]);

/** Specs, type specs and what a project offers under its /testing door. */
function isTestCode(file: string): boolean {
  return /\.spec(-d)?\.ts$/.test(file) || file.includes(`${sep}src${sep}testing${sep}`);
}

/** Why this file may not import this specifier; undefined when it may. */
export function judge(workspace: Workspace, file: string, specifier: string): string | undefined {
  const from = workspace.projectOf(file);
  if (from === undefined || isBuiltin(specifier)) return undefined;
  if (specifier.startsWith('.')) return judgeRelative(from, file, specifier);
  const name = packageName(specifier);
  const to = workspace.byName.get(name);
  if (to === from) return undefined;
  return (
    (to === undefined ? undefined : judgeTags(from, to, file, specifier)) ??
    judgeDeclaration(workspace, from, file, name)
  );
}

function judgeRelative(from: Project, file: string, specifier: string): string | undefined {
  const target = resolve(dirname(file), specifier);
  if (!target.startsWith(from.folder + sep)) {
    return `'${specifier}' leaves ${from.name}: import the other project by its package name.`;
  }
  if (isTestCode(target) && !isTestCode(file)) return onlyForTests(specifier);
  return undefined;
}

function judgeTags(from: Project, to: Project, file: string, specifier: string): string | undefined {
  if (to.tag === 'app') return `${to.name} is an app: nothing imports an app.`;
  // The types of what is under test, its twins and its fixtures come from anywhere.
  if (isTestCode(file) || from.tag === 'testing') return undefined;
  if (specifier !== to.name && specifier.endsWith('/testing')) return onlyForTests(specifier);
  const allowed = allowedTags.get(from.tag);
  if (allowed === undefined) return `${from.name} has the unknown tag '${from.tag}'.`;
  if (allowed.includes(to.tag)) return undefined;
  return `a project tagged '${from.tag}' may not use '${to.tag}' (${to.name}); it may use: ${allowed.join(', ') || 'none'}.`;
}

function judgeDeclaration(workspace: Workspace, from: Project, file: string, name: string): string | undefined {
  if (from.dependencies.has(name)) return undefined;
  if (isTestCode(file) && (from.devDependencies.has(name) || workspace.sharedDevDependencies.has(name)))
    return undefined;
  const where = isTestCode(file) ? 'devDependencies' : 'dependencies';
  return `'${name}' is not declared: add it to ${where} in the package.json of ${from.name}.`;
}

function onlyForTests(specifier: string): string {
  return `'${specifier}' is test code: only specs and test code may import it.`;
}

function packageName(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
