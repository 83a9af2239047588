/** In place of src/import-module, whose `import()` jest's sandbox does not know: Node's own loader, outside of it. */
import { constants, Script, type ScriptOptions } from 'node:vm';

const options = { importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER } as unknown as ScriptOptions;

export const importModule = new Script('(url) => import(url)', options).runInThisContext() as (
  url: string,
) => Promise<Record<string, unknown>>;
