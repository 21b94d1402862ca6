// `npm run bench`: runs the benches, prints the table, writes the JSON file. A missed aim is a finding, not a failure: the
// exit code is 1 only when something could not be measured.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benches } from './benches/all.ts';
import { machineFacts } from './machine.ts';
import { UsageError, parseOptions, usage } from './options.ts';
import { renderJson, renderTable } from './report.ts';
import { runBenches } from './run.ts';

const usualJsonFile = fileURLToPath(new URL('../dist/bench.json', import.meta.url));

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), benches);
  if (options.help) {
    console.log(usage(benches));
    return 0;
  }
  const start = performance.now();
  // Before the run, for the load of others.
  const machine = machineFacts();
  const startedAt = new Date().toISOString();
  const results = await runBenches(options.benches, options.stateFolder, (text) => {
    console.error(`${((performance.now() - start) / 1000).toFixed(0).padStart(4)} s  ${text}`);
  });
  const report = { startedAt, machine, benches: results };
  const jsonFile = options.jsonFile ?? usualJsonFile;
  await mkdir(dirname(jsonFile), { recursive: true });
  await writeFile(jsonFile, renderJson(report));
  console.log(`\n${renderTable(report)}\n\nThe same as JSON: ${jsonFile}`);
  return results.every(({ failure }) => failure === undefined) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
