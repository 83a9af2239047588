/** Makes the applications and `beforeDial` that the configuration file names: of modules, and of services. */
import { pathToFileURL } from 'node:url';
import { invalidSpec, type Issue } from '../errors';
import { httpApplication } from '../http-application';
import { importModule } from '../import-module';
import type { Application, BeforeDial } from '../worker/application';
import type { ModuleRef, ServiceRef, Settings } from './config-schema';

export interface Modules {
  readonly applications: Readonly<Record<string, Application>>;
  readonly beforeDial?: BeforeDial;
}

/** @throws OutdialError `INVALID_SPEC` that lists every module that can't be loaded, and secrets that are not there */
export async function loadModules(settings: Settings<'secrets'>): Promise<Modules> {
  const { applications, beforeDial } = settings;
  const issues: Issue[] = [];
  const load = async <F>(path: string, ref: ModuleRef | ServiceRef): Promise<[string, F]> => {
    try {
      return [path, ('url' in ref ? askedOverHttp(ref, settings) : await loadFunction(ref)) as F];
    } catch (error) {
      issues.push({ path, message: (error as Error).message });
      return [path, undefined as F];
    }
  };
  const loading = Object.entries(applications).map(([name, ref]) => load<Application>(`applications.${name}`, ref));
  const [, before] = beforeDial ? await load<BeforeDial>('beforeDial', beforeDial) : [];
  const loaded = await Promise.all(loading);
  if (issues.length > 0) throw invalidSpec(issues);
  const names = Object.keys(applications);
  return {
    applications: Object.fromEntries(loaded.map(([, application], index) => [names[index]!, application])),
    ...(before && { beforeDial: before }),
  };
}

function askedOverHttp({ url, secret, networks }: ServiceRef, settings: Settings<'secrets'>): Application {
  const { secrets, resultNetworks } = settings;
  const known = Object.keys(secrets).join(', ') || 'none';
  if (secret !== undefined && !Object.hasOwn(secrets, secret))
    throw new Error(`there is no secret ${secret}; known: ${known}`);
  const options = {
    ...(secret !== undefined && { secret: secrets[secret]! }),
    networks: [...resultNetworks, ...networks],
  };
  return url === 'startUrl' ? httpApplication(options) : httpApplication(url, options);
}

async function loadFunction({ module, export: name }: ModuleRef): Promise<unknown> {
  let exported: Record<string, unknown>;
  try {
    exported = await importModule(pathToFileURL(module).href);
  } catch (error) {
    throw new Error(`${module} can't be loaded: ${(error as Error).message}`);
  }
  // What CommonJS exports is the default of the module, also where it was compiled from an ES module.
  const inner = exported['default'] as Record<string, unknown> | undefined;
  const found = [exported[name], inner?.[name]].find((value) => typeof value === 'function');
  if (!found) throw new Error(`${module} exports no function ${name}; it exports ${Object.keys(exported).join(', ')}`);
  return found;
}
