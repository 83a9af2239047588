/** `outdial worker` */
import type { ExitCode } from '../exit-codes';
import { loadModules } from '../load-modules';
import type { Session } from '../session';
import { installRuntime, runWorkers } from './run-workers';

export async function worker(session: Session): Promise<ExitCode> {
  const { settings } = session.configWith('secrets', 'encryption');
  const { target, store, out } = session;
  const modules = await loadModules(settings);
  installRuntime(settings);
  return runWorkers({ target, store, settings, ...modules }, out, ({ queueInfos }) => {
    const queues = queueInfos.map(({ queue }) => queue);
    const { address } = target.connection;
    const ready = { address, namespace: target.namespace, pid: process.pid, queues };
    out.result(ready, [
      `working for Temporal at ${address}, namespace ${target.namespace}`,
      `queues: ${queues.join(', ') || 'none; campaigns and results only'}`,
      'Ctrl-C takes no more work and lets live calls finish',
    ]);
  });
}
