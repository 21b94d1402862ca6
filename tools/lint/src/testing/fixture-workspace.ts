// A small workspace in a temporary folder, linted by the real oxlint with the project's own .oxlintrc.json.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** File path relative to the workspace, and its content. */
export type Files = Readonly<Record<string, string>>;

/**
 * Lints the given files.
 * @returns for each file with findings its rules and messages, as `rule: message`.
 */
export async function lint(files: Files): Promise<ReadonlyMap<string, readonly string[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'pods-lint-'));
  try {
    const all = { ...files, '.oxlintrc.json': await ownConfig(), 'tsconfig.json': await ownTypes() };
    for (const [path, content] of Object.entries(all)) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    return findingsIn(await oxlint(folder));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The project's lint configuration with the path of our plugin made absolute. Packages are left out: they are not looked at. */
async function ownConfig(): Promise<string> {
  const text = await readFile(join(root, '.oxlintrc.json'), 'utf8');
  return text.replace('"./tools/lint/', JSON.stringify(`${root}tools/lint/`).slice(0, -1));
}

async function ownTypes(): Promise<string> {
  const text = await readFile(join(root, 'tsconfig.base.json'), 'utf8');
  return text.replace('{', '{ "include": ["*/*/src"],').replace('"types": ["node"]', '"types": []');
}

function oxlint(folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const program = join(root, 'node_modules', '.bin', 'oxlint');
    const options = { cwd: folder, maxBuffer: 16 * 1024 ** 2, timeout: 20_000 };
    execFile(program, ['--format', 'json'], options, (error, stdout, stderr) => {
      // Exit code 1 only says that there are findings.
      if (error === null || error.code === 1) resolve(stdout);
      else reject(new Error(`oxlint failed: ${stderr}${stdout}`, { cause: error }));
    });
  });
}

function findingsIn(output: string): ReadonlyMap<string, readonly string[]> {
  const report: unknown = JSON.parse(output);
  const diagnostics = hasList(report) ? report.diagnostics : undefined;
  if (diagnostics === undefined) throw new Error(`unexpected answer of oxlint: ${output}`);
  const findings = new Map<string, string[]>();
  for (const diagnostic of diagnostics) {
    if (!isDiagnostic(diagnostic)) throw new Error(`unexpected diagnostic: ${JSON.stringify(diagnostic)}`);
    const line = `${diagnostic.code}: ${diagnostic.message}`;
    findings.set(diagnostic.filename, [...(findings.get(diagnostic.filename) ?? []), line]);
  }
  return findings;
}

function hasList(value: unknown): value is { readonly diagnostics: readonly unknown[] } {
  return typeof value === 'object' && value !== null && 'diagnostics' in value && Array.isArray(value.diagnostics);
}

interface Diagnostic {
  readonly code: string;
  readonly message: string;
  readonly filename: string;
}

function isDiagnostic(value: unknown): value is Diagnostic {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value && 'filename' in value;
}
