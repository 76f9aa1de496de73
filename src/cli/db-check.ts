import { readMigrations } from '../prisma/migrations.js';
import { schemaDifference } from './schema-difference.js';

const difference = await schemaDifference(await readMigrations());
if (difference === null) {
  console.log('The migrations lead to prisma/schema.prisma.');
} else {
  console.error(
    `prisma/schema.prisma has changed; write its migration with: npm run db:migration <name>\n\n${difference}`,
  );
  process.exitCode = 1;
}
