/** In place of src/import-module, whose `import()` jest's sandbox does not know: Node's own loader, outside of it. */
import { constants, Script, type ScriptOptions } from 'node:vm';

const options = { importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER } as unknown as ScriptOptions;

export const importModule = new Script('(url) => import(url)', options).runInThisContext() as (
  url: string,
) => Promise<Record<string, unknown>>;

// SIP.js asks for `instanceof Array`, and the sandbox has an Array of its own: an empty list of routes became an empty Route header.
new Script(`{
  const { [Symbol.hasInstance]: hasInstance } = Function.prototype;
  const value = function (it) { return this === Array ? Array.isArray(it) : hasInstance.call(this, it); };
  Object.defineProperty(Array, Symbol.hasInstance, { value, configurable: true });
}`).runInThisContext();
