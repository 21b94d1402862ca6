// The first thing every npm script runs. It owns: having the locked packages installed, the pinned Node among them, and
// running one command with that Node first on PATH. Plain JavaScript without dependencies, because any Node from 20 on may
// start it. Usage: node tools/bootstrap.mjs [command [arguments...]]; the command is looked for in node_modules/.bin.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules', '.bin');
const pinnedNode = join(bin, 'node');

const inheritedPath = (process.env.PATH ?? '').split(delimiter);
const onTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY === true);

/** Runs a program in the root folder to its end; ends this process in the same way unless it ended well. */
function run(program, args, path) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: path.join(delimiter) };
    // A Ctrl-C already goes to every process of the terminal: passing it on would make it two for the child.
    const handlers = {
      SIGINT: () => onTerminal || child.kill('SIGINT'),
      SIGTERM: () => child.kill('SIGTERM'),
      SIGHUP: () => child.kill('SIGHUP'),
    };
    // Before the start, or a signal in between would end this process alone.
    for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', env });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const [name, handler] of Object.entries(handlers)) process.off(name, handler);
      if (signal !== null) process.kill(process.pid, signal);
      else if (code !== 0) process.exit(code);
      else resolve();
    });
  });
}

/** The packages that a lockfile lists, by their folder. */
function packagesIn(lockfile) {
  return new Map(Object.entries(JSON.parse(readFileSync(join(root, lockfile), 'utf8')).packages));
}

/**
 * Why an installation is needed; undefined when what is installed is what the lockfile asks for. npm writes its own list
 * of what it installed as its last step, so a half-done installation has none and is done again.
 */
function whyInstall() {
  const listOfInstalled = 'node_modules/.package-lock.json';
  if (!existsSync(join(root, listOfInstalled)) || !existsSync(pinnedNode)) return 'nothing installed yet';
  const installed = packagesIn(listOfInstalled);
  const locked = packagesIn('package-lock.json');
  for (const [folder, entry] of locked) {
    const isPackage = folder.includes('node_modules/');
    if (isPackage && !isSatisfied(folder, entry, installed.get(folder)))
      return `${folder} is not as package-lock.json has it`;
  }
  for (const folder of installed.keys()) {
    if (!locked.has(folder)) return `${folder} is no longer in package-lock.json`;
  }
  return undefined;
}

function isSatisfied(folder, locked, installed) {
  // An optional package may be absent: most are for another operating system.
  if (installed === undefined) return locked.optional === true || locked.devOptional === true;
  // npm's list may name what is not there: "npm install --package-lock-only" writes it too.
  if (!existsSync(join(root, folder))) return false;
  return ['version', 'integrity', 'resolved', 'link'].every((field) => installed[field] === locked[field]);
}

async function install(why) {
  console.error(`bootstrap: ${why}; installing the locked packages with npm ci (under a minute)`);
  // npm ci deletes node_modules first, so neither npm nor what it starts may run on the Node inside.
  const path = inheritedPath.filter((folder) => !folder.endsWith(`${sep}${join('node_modules', '.bin')}`));
  await run('npm', ['ci', '--loglevel=error'], path);
  if (!existsSync(pinnedNode)) {
    throw new Error(
      `npm ci brought no Node for ${process.platform}-${process.arch}: add its package to optionalDependencies in ` +
        'package.json, and check that "npm config get omit" is empty',
    );
  }
}

const why = whyInstall();
if (why !== undefined) await install(why);
const [command, ...args] = process.argv.slice(2);
if (command !== undefined) {
  await run(join(bin, command), args, [bin, ...inheritedPath.filter((folder) => folder !== bin)]);
}
