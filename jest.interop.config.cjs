const config = require('./jest.config.cjs');

/** Tests against telephony programs that are not ours. Those whose program can't be had are skipped, and named. */
module.exports = {
  ...config,
  testPathIgnorePatterns: ['/node_modules/'],
  testMatch: ['<rootDir>/test/interop/**/*.test.ts'],
  globalSetup: '<rootDir>/test/interop/support/global-setup.ts',
  // Their audio is real time: one file at a time.
  maxWorkers: 1,
};
