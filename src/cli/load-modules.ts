/** Makes the functions that the configuration file names: of modules, of services, and of a program that speaks. */
import { pathToFileURL } from 'node:url';
import { invalidSpec, type Issue } from '../errors';
import { httpApplication } from '../http-application';
import { importModule } from '../import-module';
import type { Speech } from '../trunks/trunk';
import type { Application, BeforeDial } from '../worker/application';
import type { ModuleRef, ServiceRef, Settings, SpeechCommand } from './config-schema';
import { commandSpeech } from './speech-command';

export interface Modules {
  readonly applications: Readonly<Record<string, Application>>;
  readonly beforeDial?: BeforeDial;
  readonly speech?: Speech;
}

/** @throws OutdialError `INVALID_SPEC` that lists every module that can't be loaded, and secrets that are not there */
export async function loadModules(settings: Settings<'secrets'>): Promise<Modules> {
  const { applications, beforeDial, speech } = settings;
  const issues: Issue[] = [];
  const load = async <F>(path: string, ref: ModuleRef | ServiceRef | SpeechCommand): Promise<F> => {
    try {
      if ('url' in ref) return askedOverHttp(ref, settings) as F;
      if ('command' in ref) return commandSpeech(ref) as F;
      return (await loadFunction(ref)) as F;
    } catch (error) {
      issues.push({ path, message: (error as Error).message });
      return undefined as F;
    }
  };
  const loading = Object.entries(applications).map(
    async ([name, ref]) => [name, await load<Application>(`applications.${name}`, ref)] as const,
  );
  const [before, speaks] = await Promise.all([
    beforeDial && load<BeforeDial>('beforeDial', beforeDial),
    speech && load<Speech>('speech', speech),
  ]);
  const loaded = await Promise.all(loading);
  if (issues.length > 0) throw invalidSpec(issues);
  return {
    applications: Object.fromEntries(loaded),
    ...(before && { beforeDial: before }),
    ...(speaks && { speech: speaks }),
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
