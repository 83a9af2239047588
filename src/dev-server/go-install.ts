import { basename, join } from 'node:path';
import { findOnPath, type Install } from './find-executable';
import { mustRun } from './run-command';

/** Builds `goPackage`, a command's import path with `@` and its version, from source with the Go that is on `path`. */
export function goInstall(goPackage: string, path: string): Install {
  return {
    name: 'go install',
    async run(folder, log) {
      const go = await findOnPath('go', path);
      if (!go) throw new Error('no go on the PATH');
      log('building it with Go: this is done once and takes about 5 minutes on 2 cores');
      await mustRun(go, ['install', goPackage], {
        limitMs: 30 * 60_000,
        env: { GOBIN: folder },
        cwd: folder,
        progress: { title: `go install ${goPackage} (only this once)`, log },
      });
      const program = basename(goPackage.split('@')[0]!);
      return (await findOnPath(program, folder)) ?? join(folder, program);
    },
  };
}
