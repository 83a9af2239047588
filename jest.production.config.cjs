const config = require('./jest.config.cjs');

/** Tests of the production composition: PostgreSQL, a Temporal server on it, worker and gateway as processes. */
module.exports = {
  ...config,
  testPathIgnorePatterns: ['/node_modules/'],
  testMatch: ['<rootDir>/test/production/**/*.test.ts'],
  testTimeout: 180_000,
  // They bring their own server.
  globalSetup: '<rootDir>/test/production/global-setup.ts',
  globalTeardown: undefined,
  // One stack at a time: it takes both of two cores to start.
  maxWorkers: 1,
};
