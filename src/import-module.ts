/** Loads an ES module from CommonJS. */

/**
 * The compiler makes `require` of an `import()`, which loads no ES module on older versions of Node.
 *
 * @param url - `file:` URL
 */
export const importModule = new Function('url', 'return import(url)') as (
  url: string,
) => Promise<Record<string, unknown>>;
