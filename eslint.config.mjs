import eslint from '@eslint/js';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Packages that pull in the native worker: hundreds of milliseconds and tens of megabytes for whoever only calls. */
const workerPackages = ['@temporalio/worker', '@temporalio/testing', '@temporalio/core-bridge'].map((name) => ({
  name,
  message:
    'Only src/worker, src/cli, src/dev-server, src/testing, tests, bench and examples may load the native worker.',
}));

/** One fence around a folder: a later `no-restricted-imports` replaces an earlier one, so each folder has exactly one. */
const fence = (files, ignores, options) => ({
  files,
  ignores,
  rules: { '@typescript-eslint/no-restricted-imports': ['error', options] },
});

export default tseslint.config(
  { ignores: ['lib/', 'coverage/'] },
  eslint.configs.recommended,
  tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      eqeqeq: 'error',
      'import-x/no-cycle': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-floating-promises': 'error',
      // `noUncheckedIndexedAccess` can't see that an index was checked.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      globals: { module: 'writable', require: 'readonly', process: 'readonly', __dirname: 'readonly' },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },

  {
    files: ['src/**/*.ts', 'workflows/**/*.ts', 'activities/**/*.ts'],
    ignores: ['src/config.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only src/config.ts reads the environment.' },
      ],
    },
  },

  fence(['workflows/**/*.ts'], [], {
    patterns: [
      {
        regex: '^(?!\\.{1,2}/|@temporalio/(workflow|common)$)',
        message: 'Workflows are deterministic and bundled: of packages they take @temporalio/workflow and common only.',
      },
      {
        regex: '^\\.\\./(?!(src/contract|activities)(/|$))',
        message: 'Outside their folder, workflows take src/contract and types of activities only.',
      },
      {
        regex: '^\\.\\./activities(/|$)',
        allowTypeImports: true,
        message: 'Activities run outside the sandbox: workflows take their types only.',
      },
    ],
  }),
  fence(['src/contract/**/*.ts'], [], {
    patterns: [{ regex: '^(?!\\./)', message: 'The contract is shared by both sides and imports nothing else.' }],
  }),
  fence(['activities/**/*.ts'], [], { paths: workerPackages }),
  // All that src/index.ts may reach.
  fence(
    ['src/**/*.ts'],
    ['contract', 'worker', 'cli', 'dev-server', 'testing', 'http-application'].map((room) => `src/${room}/**`),
    {
      paths: workerPackages,
      patterns: [
        {
          regex: '^\\.{1,2}/(.*/)?(worker|cli|dev-server|testing)(/|$)',
          message: 'These folders load the native worker, and src/index.ts must stay light.',
        },
      ],
    },
  ),
);
