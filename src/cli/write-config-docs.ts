import { writeFileSync } from 'node:fs';
import { renderConfigurationPage, renderEnvExample } from '../config/env-docs.js';

const root = new URL('../../', import.meta.url);
writeFileSync(new URL('.env.example', root), renderEnvExample());
writeFileSync(new URL('docs/configuration.md', root), renderConfigurationPage());
