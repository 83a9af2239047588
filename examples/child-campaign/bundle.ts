import { bundleWorkflowCode, Runtime, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

/** Bundles `workflows.ts`, once for all workers. */
export function bundle(): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: require.resolve('./workflows'),
    logger: Runtime.instance().logger,
    // Needed in this repository only, where the package is not in node_modules.
    webpackConfigHook: (config) => ({
      ...config,
      resolve: {
        ...config.resolve,
        alias: { ...config.resolve?.alias, 'outdial/workflows$': require.resolve('outdial/workflows') },
      },
    }),
  });
}
