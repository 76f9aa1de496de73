import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'data/', 'docs/', 'public/vendor/', 'src/prisma/generated/']),
  {
    basePath: root,
    files: ['**/*.{ts,js,mjs,cjs}'],
    extends: [js.configs.recommended],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // `== null` asks for both kinds of absence.
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-template-curly-in-string': 'error',
      // Does not see that a decorator uses a constant.
      'no-useless-assignment': 'off',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'prefer-const': 'error',
    },
  },
  {
    basePath: root,
    files: ['{src,test,.config}/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: ['test/tsconfig.json'], tsconfigRootDir: root } },
    rules: {
      // The rule knows decorator metadata: what Nest injects stays a value import.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-deprecated': 'error',
      // Modules of Nest are classes with nothing in them.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Wrong about casts to `never` that generic receivers need.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
        { selector: "MemberExpression[object.name='process'][property.name='env']", message: 'Ask AppConfig.' },
      ],
    },
  },
  {
    basePath: root,
    // The OpenAPI plugin reads the classes that fields of a DTO name.
    files: ['**/*.dto.ts'],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    basePath: root,
    files: ['**/*.spec.ts', 'test/**'],
    rules: {
      // `expect.any()` and its kin, and bodies of answers under test.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'no-restricted-syntax': 'off',
    },
  },
  {
    basePath: root,
    files: [
      'src/server.ts',
      'src/process-end.ts',
      'src/cli/**',
      'src/prisma/embedded/**',
      'test/**',
      '.config/**',
      '*.{js,mjs,cjs}',
      'bin/**',
      'scripts/**',
    ],
    rules: { 'no-console': 'off', 'no-restricted-syntax': 'off' },
  },
  {
    basePath: root,
    files: ['**/*.{js,mjs,cjs}'],
    ignores: ['public/**'],
    languageOptions: {
      globals: {
        performance: 'readonly',
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        Buffer: 'readonly',
        module: 'writable',
        require: 'readonly',
      },
    },
  },
  {
    basePath: root,
    files: ['public/**/*.{js,mjs}'],
    languageOptions: { globals: browserGlobals() },
    rules: { 'no-console': 'off' },
  },
);

function browserGlobals() {
  const names =
    'window document location navigator history localStorage sessionStorage fetch Headers Request Response URL URLSearchParams ' +
    'AbortController Blob FormData EventSource WebSocket TextDecoder TextEncoder ReadableStream crypto performance console ' +
    'setTimeout clearTimeout setInterval clearInterval queueMicrotask requestAnimationFrame cancelAnimationFrame ' +
    'CustomEvent Event KeyboardEvent HTMLElement customElements matchMedia MutationObserver ResizeObserver IntersectionObserver ' +
    'addEventListener removeEventListener dispatchEvent innerHeight innerWidth scrollX scrollY open BroadcastChannel ' +
    'alert confirm prompt atob AudioContext FileReader structuredClone globalThis Intl CSS getSelection';
  return Object.fromEntries(names.split(' ').map((name) => [name, 'readonly']));
}
