/** `outdial config check` */
import type { Command } from 'commander';
import { noConfigFile } from '../config-file';
import { secretFields } from '../config-schema';
import { loadModules } from '../load-modules';
import { action, type Session } from '../session';

export function addConfigCommands(root: Command): void {
  const config = root.command('config').description('the configuration file');
  config
    .command('check')
    .description('check the configuration file, its secrets and its modules; all that is wrong at once')
    .action(action(checkConfig));
}

async function checkConfig(session: Session): Promise<void> {
  const { file, settings } = session.configWith(...secretFields);
  if (file === undefined) throw noConfigFile();
  await loadModules(settings);
  const { namespace, connection } = session.target;
  const summary = {
    file,
    ...(settings.store ? { store: 'PostgreSQL' } : { dataDir: session.dataDir }),
    temporal: { address: connection.address, namespace },
    queues: Object.keys(settings.queues),
    applications: Object.keys(settings.applications),
    secrets: Object.keys(settings.secrets),
  };
  session.out.result(summary, [
    `${file} is fine`,
    `Temporal: ${connection.address}, namespace ${namespace}`,
    `store: ${settings.store ? 'PostgreSQL' : session.dataDir}`,
    `queues: ${summary.queues.join(', ') || 'none'}`,
    `applications: ${summary.applications.join(', ') || 'none'}`,
    `secrets: ${summary.secrets.join(', ') || 'none'}`,
  ]);
}
