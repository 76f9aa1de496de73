import { ENV_GROUPS, ENV_KEYS } from './env.schema.js';

/** The text of `.env.example`: every key with what it does and its default, switched off. */
export function renderEnvExample(): string {
  const groups = entries().map(({ group, keys }) =>
    [
      `# --- ${group}`,
      ...keys.map(({ name, fallback, description }) => `# ${description}\n#${name}=${fallback ?? ''}`),
    ].join('\n\n'),
  );
  return `# Copy this to .env and take the # away from what you change; the values shown are the defaults.\n\n${groups.join('\n\n')}\n`;
}

/** The text of `docs/configuration.md`. */
export function renderConfigurationPage(): string {
  const groups = entries().map(({ group, keys }) => {
    const rows = keys.map(({ name, fallback, description }) => {
      const shown = fallback === null || fallback === '' ? '' : `\`${fallback}\``;
      return `| \`${name}\` | ${shown} | ${description.replaceAll('|', '\\|')} |`;
    });
    return `## ${group}\n\n| Key | Default | What it does |\n| --- | --- | --- |\n${rows.join('\n')}`;
  });
  return [
    '# Configuration',
    'Parley reads these keys from the environment and from a file `.env` in the folder that it is started in; the environment wins. ' +
      'An empty value is the same as an absent one. Every bad or missing value is listed at the start, one line each, and ends it with exit code 78.',
    'This page and `.env.example` are written by `npm run docs:config` from `src/config/env.schema.ts`.',
    ...groups,
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

interface DocumentedKey {
  name: string;
  /** null: absent unless given. */
  fallback: string | null;
  description: string;
}

function entries(): { group: string; keys: DocumentedKey[] }[] {
  return Object.entries(ENV_GROUPS).map(([group, keys]) => ({
    group,
    keys: Object.keys(keys).map((name) => {
      const { schema, description } = ENV_KEYS[name] as (typeof ENV_KEYS)[string];
      return { name, fallback: textOf(schema.parse(undefined)), description };
    }),
  }));
}

function textOf(value: unknown): string | null {
  if (value === undefined) return null;
  return Array.isArray(value) ? value.join(',') : String(value as string | number | boolean);
}
