/** All commands with their options. Handlers are loaded when they run. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addCallCommands } from './commands/call';
import { addCalleeTypeCommand } from './commands/callee-type';
import { addCampaignCommands } from './commands/campaign';
import { addCodecServerCommand } from './commands/codec-server';
import { addConfigCommands } from './commands/config';
import { addDoctorCommand } from './commands/doctor';
import { addGatewayCommands } from './commands/gateway';
import { addHostCommands } from './commands/host';
import { addStoreCommands } from './commands/store';
import type { Output } from './output';

const exitCodes = `
Exit codes: 0 done, 1 failed, 2 wrong options, input or configuration, 3 not found, 4 refused,
5 Temporal not reachable, 130 interrupted.`;

/** The command line. */
export function program(out: Output): Command {
  const root = new Command('outdial')
    .description('Durable outbound calling on Temporal')
    .version(version())
    .option('--config <file>', 'configuration file (default: outdial.yaml, .yml or .json in the working directory)')
    .option('--json', 'JSON on stdout, errors as JSON on stderr')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', exitCodes);
  addHostCommands(root);
  addGatewayCommands(root);
  addCodecServerCommand(root);
  addCampaignCommands(root);
  addCallCommands(root);
  addCalleeTypeCommand(root);
  addStoreCommands(root);
  addConfigCommands(root);
  addDoctorCommand(root);
  for (const command of everyCommand(root)) {
    command
      .exitOverride()
      .configureHelp({ showGlobalOptions: true })
      .showHelpAfterError(out.json ? false : `${pathOf(command)} --help shows the options.`)
      .configureOutput(out.json ? { writeErr: () => undefined } : {});
  }
  return root;
}

function version(): string {
  const file = readFileSync(require.resolve('outdial/package.json'), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
