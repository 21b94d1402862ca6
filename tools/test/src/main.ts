// `npm test`: every check and every level of specs once, a table of what took how long, and one count as the last line.
import { constants } from 'node:os';
import { type Counts, add, nothing, ofCheck, ofRun, render } from './counts.ts';
import { UsageError, parseOptions, usage } from './options.ts';
import { type Ended, type Place, runCommand } from './run-command.ts';
import { type Section, fixSection, sectionsFor } from './sections.ts';
import { type Interruption, listenForSignals } from './signals.ts';

interface Result {
  readonly name: string;
  readonly counts: Counts;
  readonly seconds: number;
}

async function runSection(section: Section, interruption: Interruption): Promise<Result> {
  console.log(`\n${emphasis(`== ${section.name}`)}`);
  const start = performance.now();
  const counts = (await prepare(section, interruption)) ? await countsOf(section, interruption) : ofCheck(false);
  return { name: section.name, counts, seconds: (performance.now() - start) / 1000 };
}

async function prepare({ name, preparations = [] }: Section, interruption: Interruption): Promise<boolean> {
  for (const command of preparations) {
    const { exitCode } = await runCommand(command, interruption);
    if (exitCode === 0) continue;
    if (interruption.signal() === undefined)
      console.error(`${name} cannot be run here, see above; npm test -- --level unit,types,int runs the other specs.`);
    return false;
  }
  return true;
}

async function countsOf(section: Section, interruption: Interruption): Promise<Counts> {
  const place = placeOf(section);
  const ends: Ended[] = [];
  // All commands, also after a failed one: whoever mends things wants to see everything.
  for (const command of section.commands) ends.push(await runCommand(command, interruption, place));
  return section.kind === 'check'
    ? ofCheck(ends.every(({ exitCode }) => exitCode === 0))
    : ends.map((ended) => ofRun(ended.counts, ended.exitCode)).reduce(add, nothing);
}

function placeOf({ network = 'shared', variables = {} }: Section): Place {
  // Control groups are the machine's, not the network's: another run has another one.
  const group = network === 'own' ? { PODS_CGROUP: `pods-e2e-${process.pid}` } : {};
  return { network, variables: { ...variables, ...group } };
}

async function run(sections: readonly Section[], interruption: Interruption): Promise<number> {
  const results: Result[] = [];
  for (const section of sections) {
    if (interruption.signal() !== undefined) break;
    results.push(await runSection(section, interruption));
  }
  const total = results.map(({ counts }) => counts).reduce(add, nothing);
  console.log(`\n${emphasis('== summary')}`);
  for (const { name, counts, seconds } of results) {
    console.log(`${name.padEnd(12)} ${seconds.toFixed(1).padStart(7)} s  ${render(counts)}`);
  }
  const signal = interruption.signal();
  if (signal !== undefined)
    console.log(`stopped by ${signal}: ${results.length} of ${sections.length} sections were run`);
  console.log(render(total));
  if (signal !== undefined) return 128 + constants.signals[signal];
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

function emphasis(text: string): string {
  return process.stdout.isTTY ? `\u001b[1m${text}\u001b[22m` : text;
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const sections = options.fix ? [fixSection(options.paths)] : sectionsFor(options);
  return run(sections, listenForSignals());
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
