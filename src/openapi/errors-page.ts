import { STATUS_CODES } from 'node:http';
import { ERROR_CATALOGUE, type ErrorSpec } from '../common/errors/error-catalogue.js';

const INTRODUCTION = `# Errors

Whatever fails, a client is told by one of the codes below. A code never changes its meaning; its text may be worded differently or
be more exact in one case. Look at the code in programs and show the message to people.

| Door | How a failure looks |
| --- | --- |
| REST | the status, and \`{ statusCode, error, code, message, details?, requestId }\` |
| Socket.IO command with an ack | the ack is \`{ ok: false, error: { code, message, details?, retryAfterSeconds? } }\` |
| Socket.IO command without an ack | event \`error\`: \`{ code, message, details?, retryAfterSeconds?, event }\` |
| Socket.IO handshake | \`connect_error\` whose \`data\` is \`{ code, message, details?, retryAfterSeconds? }\` |
| NDJSON, once it streams | a last line \`{ "error": { code, message }, "messageId": … }\` |
| A message whose answer failed or broke off | \`error: { code }\` in the message and in \`message:done\` |

"Again" says whether the same request can succeed later without being changed. With 429 and 503 the header \`Retry-After\` says after how
many seconds. Details of \`VALIDATION_FAILED\` are a list of \`{ field, problems }\`; a missing id and one of somebody else are the same 404.

This page is written by \`npm run docs:api\` from src/common/errors/error-catalogue.ts.
`;

/** The text of `docs/errors.md`. */
export function renderErrorsPage(): string {
  const byStatus = new Map<number, [string, ErrorSpec][]>();
  for (const [code, spec] of Object.entries<ErrorSpec>(ERROR_CATALOGUE))
    byStatus.set(spec.status, [...(byStatus.get(spec.status) ?? []), [code, spec]]);
  const tables = [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, specs]) => {
      const rows = specs.map(
        ([code, { message, retryable }]) => `| \`${code}\` | ${message} | ${retryable ? 'yes' : 'no'} |`,
      );
      return `## ${status} ${STATUS_CODES[status]}\n\n| Code | Message | Again |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
    });
  return [INTRODUCTION, ...tables].join('\n');
}
