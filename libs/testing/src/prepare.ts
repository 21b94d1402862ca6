// A program: fetches what e2e specs need beside the platform's own things, because they run where there is no way out.
import { pythonWithTapipy } from './python/python-environment.ts';

try {
  await pythonWithTapipy();
} catch (error) {
  // The specs that need it fail and say so; the others do not need it.
  console.error(`specs: no Python with tapipy: ${error instanceof Error ? error.message : String(error)}`);
}
