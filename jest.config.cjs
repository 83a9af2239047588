/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // npm run test:interop, npm run test:production
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/interop/', '<rootDir>/test/production/'],
  testTimeout: 60_000,
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        sourceMaps: 'inline',
        module: { type: 'commonjs' },
      },
    ],
  },
  // The same names as in tsconfig.json, so that tests import as users of the package do.
  moduleNameMapper: {
    '^outdial$': '<rootDir>/src/index.ts',
    '^outdial/worker$': '<rootDir>/src/worker/index.ts',
    '^outdial/workflows$': '<rootDir>/workflows/index.ts',
    '^outdial/activities$': '<rootDir>/activities/index.ts',
    '^outdial/gateway$': '<rootDir>/src/gateway/index.ts',
    '^outdial/testing$': '<rootDir>/src/testing/index.ts',
    // ES modules are loaded by Node: inside its sandbox jest has no import().
    '/import-module$': '<rootDir>/test/support/import-module.ts',
  },
  // What the build leaves must not be taken for a second copy of the package.
  modulePathIgnorePatterns: ['<rootDir>/lib/'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/test/support/once-more.ts'],
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/test/support/closing-counts.cjs'],
};
