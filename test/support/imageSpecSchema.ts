import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { findTool } from './tools.ts';

/** What a validator that is not ours says of layouts. */
export interface SchemaFindings {
  /** Layout files, indexes, manifests and configs that were looked at. */
  readonly documents: number;
  readonly problems: readonly string[];
}

/** The first Python that has the module jsonschema: the system's need not be the first on PATH. */
function pythonWithSchema(): string | undefined {
  const all = [findTool('python3'), '/usr/bin/python3'].filter((python) => python !== undefined);
  return all.find((python) => spawnSync(python, ['-c', 'import jsonschema']).status === 0);
}

/** Skips the test where that validator is not there. */
export function needsSchemaValidator(context: Mocha.Context): void {
  if (pythonWithSchema() !== undefined) return;
  const runnable = context.currentTest ?? context.runnable();
  runnable.title += ' [skipped: needs jsonschema for Python: apt-get install python3-jsonschema]';
  context.skip();
}

/** Checks everything that OCI layouts hold against the image specification's own JSON schemas. */
export function checkSchemas(...layouts: readonly string[]): SchemaFindings {
  const script = path.join(import.meta.dirname, 'validateSchema.py');
  const schemas = path.join(import.meta.dirname, '../fixtures/imageSpecSchema');
  const output = execFileSync(pythonWithSchema() ?? 'python3', [script, schemas, ...layouts], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  return JSON.parse(output) as SchemaFindings;
}
