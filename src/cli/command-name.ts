import { readVariable } from '../config';

/** How whoever runs this command runs the next one: npm puts it on the PATH of its own children only. */
export const commandName = readVariable('npm_command') === undefined ? 'outdial' : 'npx outdial';
